// What the test asks of this page, in its address, and how the page tells what it found.

const asked = JSON.parse(decodeURIComponent(location.hash.slice(1)));

function report(found) {
  return fetch(`/found/${asked.visit}`, { method: "POST", body: JSON.stringify(found) });
}

function fail(error) {
  report({ error: String(error) });
}
