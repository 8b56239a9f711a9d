// Draws corridors on a map of MapLibre: green is only what is open, everything else is barred.
export function drawCorridors(map, tilejson, now = () => new Date()) {
  const lines = { source: "corridors", "source-layer": "corridors", type: "line" };
  let answered = Date.now();
  let failed = false;

  const open = () => ["all",
    ["!", ["has", "do_not_move_codes"]],
    [">", ["coalesce", ["get", "do_not_move_until"], "9999"], now().toISOString()]];

  // Nothing is green once an answer is missing, or is older than two rounds of asking.
  // A filter would not do: MapLibre goes on drawing a tile that did not come as it was.
  function colour() {
    const fresh = Date.now() - answered < 120000;
    map.setFilter("open", open());
    map.setLayoutProperty("open", "visibility", fresh ? "visible" : "none");
  }

  function add() {
    map.addSource("corridors", { type: "vector", url: tilejson, promoteId: "id" });
    const red = { "line-width": 6, "line-color": "#b00020", "line-dasharray": [2, 1] };
    map.addLayer({ ...lines, id: "barred", paint: red });
    const green = { "line-width": 6, "line-color": "#006d2c" };
    map.addLayer({ ...lines, id: "open", filter: open(), paint: green });
  }

  function remove() {
    map.removeLayer("open");
    map.removeLayer("barred");
    map.removeSource("corridors");
  }

  async function ask() {
    const anew = failed; // a tile that failed once would not be asked for by setUrl
    failed = false;
    if (anew) {
      remove();
      add();
    } else map.getSource("corridors").setUrl(tilejson);
    while (!map.loaded()) await new Promise((go) => setTimeout(go, 50));
    if (!failed) answered = Date.now();
    colour();
  }

  map.on("error", ({ sourceId }) => {
    if (sourceId !== "corridors") return;
    failed = true;
    answered = 0;
    colour();
  });
  add();
  setInterval(colour, 5000);
  setInterval(ask, 60000);
  return ask;
}
