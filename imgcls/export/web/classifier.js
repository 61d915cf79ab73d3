// The run's program, and what its logits say: the same sums as imgcls/inference has.
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import { unpacked } from "./wasm.js";

// LiteRT.js would look for a GPU, of which nothing here makes use: what was compared with Python is
// the processor's answer.
Object.defineProperty(navigator, "gpu", { value: undefined });

export class Classifier {
  /** facts: see `_facts` in imgcls/export/html.py. */
  static async load(facts) {
    // It wants an address that ends like this one; what it would fetch is in the page, see wasm.js.
    const [program] = await Promise.all([whole(facts.weights), loadLiteRt("here.js")]);
    return new Classifier(facts, await loadAndCompile(program, { accelerator: "wasm" }));
  }

  constructor(facts, model) {
    this.facts = facts;
    this.model = model;
  }

  /** Return { known, classes: [{ name, probability }] }, the most probable class first. */
  async ask(square) {
    const logits = await this.logits(square);
    const { classes, temperature, doubt, threshold } = this.facts;
    const cooled = logits.map((logit) => logit / temperature);
    const total = logSumExp(cooled);
    const found = classes.map((name, place) => ({
      name,
      probability: (1 - doubt) * Math.exp(cooled[place] - total) + doubt / classes.length,
    }));
    found.sort((one, other) => other.probability - one.probability);
    return { known: logSumExp(logits) >= threshold, classes: found };
  }

  async logits({ data, width, height }) {
    const values = new Float32Array(width * height * 3);
    for (let from = 0, to = 0; to < values.length; from += 4, to += 3) {
      values[to] = data[from];
      values[to + 1] = data[from + 1];
      values[to + 2] = data[from + 2];
    }
    const photo = new Tensor(values, [1, height, width, 3]);
    const [output] = await this.model.run([photo]);
    const logits = Array.from(output.toTypedArray());
    photo.delete();
    output.delete();
    return logits;
  }
}

/** Return the program with its weights in place, see imgcls/export/web_program.py. */
async function whole(places) {
  const [program, weights] = await Promise.all([unpacked("program"), unpacked("weights")]);
  const numbers = Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromHalf(bits));
  const halves = new Uint16Array(weights.buffer);
  const view = new DataView(program.buffer);
  let next = 0;
  for (const [start, count] of places)
    for (let place = start; place < start + 4 * count; place += 4)
      view.setFloat32(place, numbers[halves[next++]], true);
  return program;
}

function fromHalf(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  const size = exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction;
  return bits >> 15 ? -size : size;
}

function logSumExp(values) {
  const highest = Math.max(...values);
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}
