// A map as a portal would build it: corridors as items, in blue, under the same as tiles, in red.
// What it read and drew goes to the server of the page, which the test asks.

const ITEMS = [0, 0, 255], TILES = [255, 0, 0];
const corridors = `${asked.ogc}/collections/corridors`;
const signed = asked.token ? { Authorization: `Bearer ${asked.token}` } : {};
const when = asked.datetime ? `datetime=${encodeURIComponent(asked.datetime)}` : "";

async function read(url) {
  const answer = await fetch(url, { headers: signed }).catch((error) => {
    throw new Error(`${error.message} ${url}`);
  });
  if (!answer.ok) throw new Error(`found ${answer.status} for ${url}`);
  return answer;
}

const items = new ol.source.Vector({
  strategy: ol.loadingstrategy.bbox,
  loader: async (extent, resolution, projection) => {
    try {
      const box = ol.proj.transformExtent(extent, projection, "EPSG:4326");
      let next = `${corridors}/items?limit=2&bbox=${box.join(",")}&${when}`;
      while (next) {
        const page = await (await read(next)).json();
        const format = new ol.format.GeoJSON({ featureProjection: projection });
        items.addFeatures(format.readFeatures(page));
        next = page.links.find((link) => link.rel === "next")?.href;
      }
    } catch (error) {
      fail(error);
    }
  },
});

const own = new ol.source.VectorTile({
  format: new ol.format.MVT(),
  url: `${corridors}/tiles/WebMercatorQuad/{z}/{y}/{x}?${when}`,
  maxZoom: 22,
  tileLoadFunction: (tile, url) => tile.setLoader(async (extent, resolution, projection) => {
    try {
      const content = await (await read(url)).arrayBuffer();
      const options = { extent, featureProjection: projection };
      tile.setFeatures(tile.getFormat().readFeatures(content, options));
    } catch (error) {
      tile.setFeatures([]);
      fail(error);
    }
  }),
});

// The source that follows the description of a tileset by itself takes no header from its user.
function standard() {
  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (...given) {
    open.apply(this, given);
    Object.entries(signed).forEach(([name, value]) => this.setRequestHeader(name, value));
  };
  return new ol.source.OGCVectorTile({
    url: `${corridors}/tiles/WebMercatorQuad`,
    format: new ol.format.MVT(),
  });
}

function styled(color, width) {
  const stroke = new ol.style.Stroke({ color, width });
  const image = new ol.style.Circle({ radius: width, stroke });
  return new ol.style.Style({ stroke, image });
}

const drawn = new ol.layer.VectorTile({
  className: "tiles",
  source: asked.standard ? standard() : own,
  style: styled(`rgb(${TILES})`, 3),
});
const map = new ol.Map({
  target: "map",
  pixelRatio: 1,
  controls: [],
  layers: [
    new ol.layer.Vector({ className: "items", source: items, style: styled(`rgb(${ITEMS})`, 9) }),
    drawn,
  ],
  view: new ol.View({ center: ol.proj.fromLonLat(asked.center), zoom: asked.zoom }),
});

function painted(layer, color) {
  const canvas = document.querySelector(`.${layer} canvas`) ?? document.querySelector(`canvas.${layer}`);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 255 && color.every((value, part) => data[at + part] === value)) count += 1;
  }
  return count;
}

const written = new ol.format.WKT();

function told(feature) {
  const geometry = feature.getGeometry().clone().transform("EPSG:3857", "EPSG:4326");
  const properties = { ...feature.getProperties() };
  delete properties.geometry;
  return { properties, wkt: written.writeGeometry(geometry, { decimals: 9 }) };
}

function found() {
  const extent = map.getView().calculateExtent(map.getSize());
  const shown = drawn.getFeaturesInExtent(extent);
  return {
    items: Object.fromEntries(items.getFeatures().map((each) => [each.getId(), told(each)])),
    tiles: Object.fromEntries(shown.map((each) => [each.get("id"), each.getProperties()])),
    painted: { items: painted("items", ITEMS), tiles: painted("tiles", TILES) },
  };
}

let rounds = asked.rounds ?? 1;
map.on("rendercomplete", () => {
  rounds -= 1;
  if (rounds > 0) {
    items.refresh();
    drawn.getSource().refresh();
  } else if (rounds === 0) {
    try {
      report(found());
    } catch (error) {
      fail(error);
    }
  }
});
