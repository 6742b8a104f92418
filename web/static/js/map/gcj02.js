/**
 * GCJ-02, the datum of Chinese street maps, as a Leaflet CRS: the map's coordinates stay WGS 84 everywhere,
 * only the pixels move. `L.CRS.GCJ02` is set when this module is loaded.
 */

const SEMI_MAJOR_M = 6378245;
const ECCENTRICITY_SQUARED = 0.00669342162296594323;
const CHINA = { west: 72.004, south: 0.8293, east: 137.8347, north: 55.8271 };
const EXACT_DEG = 1e-13;

const inChina = (lon, lat) => lon > CHINA.west && lon < CHINA.east && lat > CHINA.south && lat < CHINA.north;

/** Sum of amplitude · sin(π · frequency · value), times 2/3 as the formula has it. */
function waves(value, terms) {
  return (2 / 3) * terms.reduce((sum, [amplitude, frequency]) => sum + amplitude * Math.sin(Math.PI * frequency * value), 0);
}

/** Offset in degrees [east, north] from WGS 84 to GCJ-02 at a WGS 84 place in China. */
function offset(lon, lat) {
  const x = lon - 105;
  const y = lat - 35;
  const root = Math.sqrt(Math.abs(x));
  const shared = waves(x, [[20, 6], [20, 2]]);
  const northM = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + shared
    + waves(y, [[20, 1], [40, 1 / 3], [160, 1 / 12], [320, 1 / 30]]);
  const eastM = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + shared
    + waves(x, [[20, 1], [40, 1 / 3], [150, 1 / 12], [300, 1 / 30]]);
  const radians = (lat * Math.PI) / 180;
  const factor = 1 - ECCENTRICITY_SQUARED * Math.sin(radians) ** 2;
  const meridianM = (SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED)) / (factor * Math.sqrt(factor));
  const parallelM = (SEMI_MAJOR_M / Math.sqrt(factor)) * Math.cos(radians);
  return [(eastM / parallelM) * (180 / Math.PI), (northM / meridianM) * (180 / Math.PI)];
}

/** WGS 84 lon, lat in degrees to GCJ-02; places outside China stay. */
export function toGcj02(lon, lat) {
  if (!inChina(lon, lat)) return [lon, lat];
  const [east, north] = offset(lon, lat);
  return [lon + east, lat + north];
}

/** GCJ-02 to WGS 84, the inverse of `toGcj02` to the last digits. */
export function fromGcj02(lon, lat) {
  if (!inChina(lon, lat)) return [lon, lat];
  let [x, y] = [lon, lat];
  for (let round = 0; round < 12; round += 1) {
    const [east, north] = offset(x, y);
    const [dx, dy] = [x + east - lon, y + north - lat];
    x -= dx;
    y -= dy;
    if (Math.abs(dx) + Math.abs(dy) < EXACT_DEG) break;
  }
  return [x, y];
}

const mercator = L.Projection.SphericalMercator;

L.CRS.GCJ02 = L.extend({}, L.CRS.EPSG3857, {
  code: 'GCJ02',
  projection: {
    R: mercator.R,
    bounds: mercator.bounds,
    project({ lng, lat }) {
      const [lon, shifted] = toGcj02(lng, lat);
      return mercator.project(L.latLng(shifted, lon));
    },
    unproject(point) {
      const { lng, lat } = mercator.unproject(point);
      const [lon, real] = fromGcj02(lng, lat);
      return L.latLng(real, lon);
    },
  },
});

/** The CRS that shows tiles of a datum in place. */
export const crsOf = (datum) => (datum === 'gcj02' ? L.CRS.GCJ02 : L.CRS.EPSG3857);
