// From a photo to the square that the network sees, as imgcls/data/images.py has it: upright, over
// white, made smaller by a whole number while it is large, then by Pillow's Lanczos filter.
const REDUCING_GAP = 3; // of the wanted side so many times as much is left for the filter
const JPEG_SCALES = [8, 4, 2, 1]; // by which Python's decoder makes a JPEG smaller
const BAND = 2 ** 22; // pixels that are taken out of a photo at a time
const ONE = 2 ** 22; // Pillow keeps the filter's weights as whole numbers of this part
const WINDOW = 3; // of the Lanczos filter

/**
 * Return the centre square of a picture as an ImageData of size x size pixels.
 *
 * image: an ImageBitmap, which the browser has turned upright.
 * jpeg: whether it comes from a JPEG.
 */
export function square(image, size, jpeg) {
  const picture = reduced(image, factor(image, size, jpeg));
  const { width, height } = picture;
  const side = Math.min(width, height);
  const passes = [
    (found) => across(found, taps((width - side) / 2, side, width, size)),
    (found) => down(found, taps((height - side) / 2, side, height, size)),
  ];
  // Pillow's rule, from its version 13 on: each pass rounds, so the order can be seen.
  if (height - size > 2 * Math.max(0, width - size)) passes.reverse();
  const { data } = passes.reduce((found, pass) => pass(found), picture);
  return new ImageData(data, size, size);
}

function factor({ width, height }, size, jpeg) {
  const shorter = Math.min(width, height);
  const left = REDUCING_GAP * size;
  const decoded = jpeg ? JPEG_SCALES.find((scale) => scale <= Math.max(1, shorter / left)) : 1;
  return decoded * Math.max(1, Math.floor(shorter / decoded / (2 * left)));
}

/** Return RGBA pixels over white, each of them the mean of a square of factor x factor. */
function reduced(image, factor) {
  const width = Math.ceil(image.width / factor);
  const height = Math.ceil(image.height / factor);
  const data = new Uint8ClampedArray(width * height * 4);
  const rows = Math.max(1, Math.floor(BAND / (image.width * factor)));
  for (let top = 0; top < height; top += rows) {
    const band = taken(image, top * factor, Math.min(rows * factor, image.height - top * factor));
    data.set(factor > 1 ? means(band, factor) : band.data, top * width * 4);
  }
  return { data, width, height };
}

function taken(image, top, rows) {
  const canvas = new OffscreenCanvas(image.width, rows);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = "white";
  pen.fillRect(0, 0, image.width, rows);
  pen.drawImage(image, 0, -top);
  return pen.getImageData(0, 0, image.width, rows);
}

function means({ data, width, height }, factor) {
  const columns = Math.ceil(width / factor);
  const found = new Uint8ClampedArray(columns * Math.ceil(height / factor) * 4).fill(255);
  for (let top = 0, put = 0; top < height; top += factor)
    for (let left = 0; left < width; left += factor, put += 4) {
      const right = Math.min(left + factor, width);
      const bottom = Math.min(top + factor, height);
      const count = (right - left) * (bottom - top);
      let red = count / 2;
      let green = count / 2;
      let blue = count / 2;
      for (let y = top; y < bottom; y++)
        for (let place = (y * width + left) * 4; place < (y * width + right) * 4; place += 4) {
          red += data[place];
          green += data[place + 1];
          blue += data[place + 2];
        }
      found[put] = Math.floor(red / count);
      found[put + 1] = Math.floor(green / count);
      found[put + 2] = Math.floor(blue / count);
    }
  return found;
}

/** Return for each of `size` pixels where its part of a line begins, and the weights of this part. */
function taps(from, length, whole, size) {
  const scale = length / size;
  const stretch = Math.max(1, scale);
  return Array.from({ length: size }, (_, place) => {
    const center = from + (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - WINDOW * stretch + 0.5));
    const end = Math.min(whole, Math.trunc(center + WINDOW * stretch + 0.5));
    const weights = [];
    for (let x = first; x < end; x++) weights.push(lanczos((x - center + 0.5) / stretch));
    const sum = weights.reduce((one, other) => one + other, 0);
    return { first, weights: weights.map((weight) => Math.round((weight / sum) * ONE)) };
  });
}

function lanczos(x) {
  return Math.abs(x) < WINDOW ? sinc(x) * sinc(x / WINDOW) : 0;
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function across({ data, width, height }, taps) {
  const lines = { count: height, apart: width, step: 1 };
  const found = filtered(data, lines, { apart: taps.length, step: 1 }, taps);
  return { data: found, width: taps.length, height };
}

function down({ data, width }, taps) {
  const lines = { count: width, apart: 1, step: width };
  return { data: filtered(data, lines, lines, taps), width, height: taps.length };
}

/** Return filtered lines of pixels; how far lines are apart, and the pixels of one, may change. */
function filtered(data, from, to, taps) {
  const found = new Uint8ClampedArray(taps.length * from.count * 4).fill(255);
  taps.forEach(({ first, weights }, pixel) => {
    for (let line = 0; line < from.count; line++) {
      let place = (line * from.apart + first * from.step) * 4;
      let red = ONE / 2;
      let green = ONE / 2;
      let blue = ONE / 2;
      for (const weight of weights) {
        red += weight * data[place];
        green += weight * data[place + 1];
        blue += weight * data[place + 2];
        place += from.step * 4;
      }
      const put = (line * to.apart + pixel * to.step) * 4;
      found[put] = Math.floor(red / ONE);
      found[put + 1] = Math.floor(green / ONE);
      found[put + 2] = Math.floor(blue / ONE);
    }
  });
  return found;
}
