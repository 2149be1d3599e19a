// The application's icons as PNG, drawn from our own mark (src/icons/mark.svg): phones want pixels for the home screen.
// The mark is straight lines only, so that a distance to the nearest line is all the drawing there is.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";

const GROUND = [0x0c, 0x4a, 0x78];
const INK = [0xff, 0xff, 0xff];
// name, pixels, part of the edge that the mark fills (a maskable icon is cut to a circle by some phones)
const ICONS = [["app-192", 192, 0.74], ["app-512", 512, 0.74], ["app-maskable-512", 512, 0.56], ["app-180", 180, 0.74]];

/** The lines of a path of M, L, H, V, Z in either case, as [x1, y1, x2, y2]. */
function linesOf(path) {
  const lines = [];
  let [x, y, x0, y0, command] = [0, 0, 0, 0, ""];
  const words = path.match(/[a-zA-Z]|-?\d*\.?\d+/g);
  let at = 0;
  const next = () => Number(words[at++]);
  const to = (nx, ny) => {
    lines.push([x, y, nx, ny]);
    [x, y] = [nx, ny];
  };
  while (at < words.length) {
    if (/[a-zA-Z]/.test(words[at])) command = words[at++];
    const [bx, by] = command === command.toLowerCase() ? [x, y] : [0, 0];
    const kind = command.toUpperCase();
    if (kind === "Z") to(x0, y0);
    else if (kind === "M") {
      [x, y] = [bx + next(), by + next()];
      [x0, y0] = [x, y];
      command = command === "m" ? "l" : "L";
    } else if (kind === "L") to(bx + next(), by + next());
    else if (kind === "H") to(bx + next(), y);
    else if (kind === "V") to(x, by + next());
    else throw new Error(`mark.svg: ${command} is not a straight line`);
  }
  return lines;
}

function distance(px, py, [x1, y1, x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = dx || dy ? Math.max(0, Math.min(1, ((px - x1) * dx + (py - y1) * dy) / (dx * dx + dy * dy))) : 0;
  return Math.hypot(px - x1 - along * dx, py - y1 - along * dy);
}

function crc(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
}

function png(size, pixel) {
  const rows = Buffer.alloc(size * (size * 3 + 1));
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) Buffer.from(pixel(x, y)).copy(rows, y * (size * 3 + 1) + 1 + x * 3);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8); // eight bits, red green blue
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

export async function drawIcons(source, target) {
  const svg = await readFile(source, "utf8");
  const lines = [...svg.matchAll(/ d="([^"]+)"/g)].flatMap((found) => linesOf(found[1]));
  const half = Number(svg.match(/stroke-width="([\d.]+)"/)[1]) / 2;
  for (const [name, size, part] of ICONS) {
    const scale = (size * part) / 24;
    const margin = (size - 24 * scale) / 2;
    const shade = (x, y) => {
      const [px, py] = [(x + 0.5 - margin) / scale, (y + 0.5 - margin) / scale];
      const near = Math.min(...lines.map((line) => distance(px, py, line)));
      const ink = Math.max(0, Math.min(1, (half - near) * scale + 0.5));
      return GROUND.map((value, index) => Math.round(value + (INK[index] - value) * ink));
    };
    await writeFile(join(target, `${name}.png`), png(size, shade));
  }
}
