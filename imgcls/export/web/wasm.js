// Stands in for @litertjs/wasm-utils, which fetches LiteRT.js's Wasm: here it is in the page already.
// The build without relaxed SIMD and threads is the one that every browser runs, also from a file.
import createModule from "@litertjs/core/wasm/litert_wasm_compat_internal.js";

export const createWasmLib = async (Library) =>
  new Library(await createModule({ wasmBinary: await unpacked("wasm"), printErr: console.debug }));

export class DamagedError extends Error {}

/**
 * Return the bytes that an element of the page holds, gzipped, as base64.
 *
 * Throws DamagedError: gzip's checksum says that they are others.
 */
export async function unpacked(id) {
  const element = document.getElementById(id);
  try {
    const packed = new Blob([bytes(element.textContent)]).stream();
    const stream = packed.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new DamagedError(id, { cause: error });
  } finally {
    element.remove();
  }
}

function bytes(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const found = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) found[place] = text.charCodeAt(place);
  return found;
}
