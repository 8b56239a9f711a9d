# Short words for calls to a service that `make run` started. Load them with: . docs/how-to/calls.sh
url=${PASSAGE_URL:-http://127.0.0.1:8000}/v1
tokens=${PASSAGE_TOKENS:-data/tokens.json}

# pick KEY…: take one value out of the JSON on standard input, for instance: pick items 0 id
pick() { python3 -c 'import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]:
    value = value[int(key) if isinstance(value, list) else key]
print(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))' "$@"; }

# hours N: the time N hours from now, in UTC
hours() { python3 -c 'import datetime as d, sys
print((d.datetime.now(d.timezone.utc) + d.timedelta(hours=float(sys.argv[1]))).isoformat())' "$1"; }

# get WHO PATH
get() { curl -sS --fail-with-body -H "Authorization: Bearer $(pick "$1" < "$tokens")" "$url$2"; }

# geo WHO PATH: get it as map clients do, as GeoJSON
geo() {
  curl -sS --fail-with-body -H "Authorization: Bearer $(pick "$1" < "$tokens")" \
    -H 'Accept: application/geo+json' "$url$2"
}

# public PATH: get it without a token
public() { curl -sS --fail-with-body "$url$1"; }

# send WHO METHOD PATH BODY [VERSION]
send() {
  curl -sS --fail-with-body -X "$2" -H "Authorization: Bearer $(pick "$1" < "$tokens")" \
    -H 'Content-Type: application/json' ${5:+-H "If-Match: \"$5\""} -d "$4" "$url$3"
}

# version WHO PATH: the number of the version that is present now
version() { get "$1" "$2" | pick version; }
