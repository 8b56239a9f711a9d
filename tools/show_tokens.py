"""Print the sign-in tokens of the demonstration, each with what it may do."""

import json
import sys
from pathlib import Path

MAY = {
    "administrator": "keeps organisations, operations and tokens; states no position",
    "auditor": "reads all history of the operation; changes nothing",
    "coordinator-icrc": "acts for the ICRC: positions, talks, terms, changes of status",
    "coordinator-ocha": "acts for OCHA: positions, talks, terms, changes of status",
    "coordinator-russian-mod": "acts for the Russian Ministry of Defence",
    "coordinator-ukraine": "acts for the Government of Ukraine",
    "map-client": "reads what the map may show to a partner",
}


def lines(tokens: dict[str, str], port: str) -> list[str]:
    """Give one line for each token, then how to use one."""
    signs = [
        f"  {name:<24} {tokens[name]}  {MAY.get(name, '')}".rstrip() for name in sorted(tokens)
    ]
    address = f"http://127.0.0.1:{port}"
    reader = tokens.get("auditor", "TOKEN")
    return [
        "",
        "Sign-in tokens, new with each start:",
        *signs,
        "",
        "Try one:",
        f'  curl -H "Authorization: Bearer {reader}" {address}/v1/agreements',
        f"Read how: {address}/docs",
        "",
    ]


def main(path: str, port: str) -> None:
    """Read the tokens that `passage demo --tokens` wrote to `path`, and print them."""
    print("\n".join(lines(json.loads(Path(path).read_text()), port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
