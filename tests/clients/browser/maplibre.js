// A map as a portal would build it with MapLibre, by the example in docs/how-to/map-client.md.
// What it read and drew goes to the server of the page, which the test asks.

import * as maplibregl from "/maplibre/maplibre-gl.mjs";
import { drawCorridors } from "/corridors.js";

const BARRED = [176, 0, 32], OPEN = [0, 109, 44];
const when = asked.datetime ? `&datetime=${encodeURIComponent(asked.datetime)}` : "";
const tilejson = `${asked.ogc}/collections/corridors/tiles/WebMercatorQuad?f=tilejson${when}`;
let { now, refused } = asked; // its clock, and the kind of request that a revoked token goes with

const map = new maplibregl.Map({
  container: "map",
  style: { version: 8, sources: {}, layers: [] },
  center: asked.center,
  zoom: asked.zoom,
  attributionControl: false,
  canvasContextAttributes: { preserveDrawingBuffer: true, antialias: false },
  transformRequest: (url, kind) => {
    const token = kind === refused ? "revoked" : asked.token;
    const signed = token && url.startsWith(`${asked.ogc}/`);
    return { url, headers: signed ? { Authorization: `Bearer ${token}` } : {} };
  },
});

function painted(color) {
  const { width, height } = map.getCanvas();
  const data = new Uint8Array(width * height * 4);
  const gl = map.getCanvas().getContext("webgl2");
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 255 && color.every((value, part) => data[at + part] === value)) count += 1;
  }
  return count;
}

function drawn(layer) {
  return [...new Set(map.queryRenderedFeatures({ layers: [layer] }).map((each) => each.id))];
}

function found() {
  const read = map.querySourceFeatures("corridors", { sourceLayer: "corridors" });
  return {
    tiles: Object.fromEntries(read.map((each) => [each.id, each.properties])),
    drawn: { barred: drawn("barred"), open: drawn("open") },
    painted: { barred: painted(BARRED), open: painted(OPEN) },
  };
}

function idle() {
  map.triggerRepaint();
  return map.once("idle");
}

async function show() {
  const ask = drawCorridors(map, tilejson, () => new Date(now ?? Date.now()));
  await idle();
  const rounds = [found()];
  for (const next of asked.then ?? []) {
    ({ now, refused } = next);
    await ask();
    await idle();
    rounds.push(found());
  }
  report({ rounds });
}

map.on("error", ({ error, sourceId }) => {
  if (!(sourceId === "corridors" && error.status === 401)) fail(error);
});
map.once("load", () => show().catch(fail));
