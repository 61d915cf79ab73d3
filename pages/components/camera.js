// The camera as a stream of pictures. See camera.py.
const cameras = new WeakMap(); // one for each place on the page, for as long as it is there

class Camera {
  constructor(parent) {
    this.video = parent.querySelector("video");
    this.message = parent.querySelector("p");
    this.button = parent.querySelector("button");
    this.canvas = document.createElement("canvas");
    this.taken = [];
    this.ended = false;
    this.open();
    for (const kind of ["pointerup", "pointercancel", "pointerleave"])
      this.button.addEventListener(kind, () => this.release());
    this.button.addEventListener("pointerdown", () => this.press());
    // Keys make a click without a pointer.
    this.button.addEventListener("click", (event) => {
      if (event.detail === 0) {
        this.press();
        this.release();
      }
    });
  }

  async open() {
    if (!navigator.mediaDevices) {
      this.say("Browsers open the camera only on https and on localhost. Use the phone or files.");
      return;
    }
    try {
      const video = { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 } };
      this.stream = await navigator.mediaDevices.getUserMedia({ video });
      if (this.ended) return this.close();
      this.video.srcObject = this.stream;
      await this.video.play();
      this.say("");
      this.button.disabled = false;
      this.follow();
    } catch (error) {
      this.say(
        error.name === "NotAllowedError"
          ? "The browser may not use the camera: allow it beside the address, then open it again."
          : `No camera can be used here (${error.name}). Use the phone or files.`,
      );
    }
  }

  say(text) {
    this.message.textContent = text;
    this.message.hidden = !text;
  }

  draw({ data, setTriggerValue }) {
    this.data = data;
    this.trigger = setTriggerValue;
    this.button.hidden = data.follows;
    this.button.textContent = data.label;
    this.video.setAttribute("aria-label", data.alt);
    this.follow();
  }

  // Sends the next picture as soon as the last one has been answered.
  follow() {
    if (!this.data?.follows || this.button.disabled || this.waiting === this.data.answered) return;
    this.waiting = this.data.answered;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.trigger("pictures", [this.picture()]);
      // A picture that is never answered, since the page was being drawn anew, is not waited for.
      this.timer = setTimeout(() => {
        this.waiting = null;
        this.follow();
      }, this.data.patience);
    }, this.data.pause);
  }

  picture() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const scale = Math.min(1, this.data.side / Math.max(width, height));
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    const pen = this.canvas.getContext("2d");
    pen.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    return this.canvas.toDataURL("image/jpeg", 0.9);
  }

  press() {
    if (this.button.disabled || this.repeat) return;
    this.take();
    this.repeat = setInterval(() => this.take(), this.data.pause);
  }

  take() {
    if (this.taken.length >= this.data.most) return;
    this.taken.push(this.picture());
    this.button.textContent = `${this.taken.length} taken`;
  }

  release() {
    if (!this.repeat) return;
    clearInterval(this.repeat);
    this.repeat = null;
    this.button.textContent = this.data.label;
    this.trigger("pictures", this.taken.splice(0));
  }

  close() {
    this.ended = true;
    clearTimeout(this.timer);
    clearInterval(this.repeat);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }
}

export default function (component) {
  const place = component.parentElement;
  if (!cameras.has(place)) cameras.set(place, new Camera(place));
  cameras.get(place).draw(component);
  return () => {
    cameras.get(place)?.close();
    cameras.delete(place);
  };
}
