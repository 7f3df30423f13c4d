// Sends the newest frame of the camera, or of a video file, once the last answer has come, and draws
// the answer on the very frame that it is about. Nothing is kept or queued here.
const FRAME_WIDTH = 480;
const QUALITY = 0.85;
const DETAIL = 2; // pixels of the drawing for a pixel of the frame
const CROP = 224; // pixels of the face's crop, whose map is drawn
const WINDOW = 2000; // milliseconds of which rate and lag are told
const LOST = 20000; // milliseconds after which an answer will not come any more
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];
const FILE = "or choose a video file.";
const REFUSALS = {
  NotAllowedError: `The camera was refused: allow it for this page in the browser and start again, ${FILE}`,
  NotFoundError: `There is no camera here: connect one, ${FILE}`,
  OverconstrainedError: `There is no camera here: connect one, ${FILE}`,
  NotReadableError: `The camera cannot be read: close other programs that use it, ${FILE}`,
};
const percent = (value) => `${Math.round(100 * value)}%`;
const upper = (text) => text[0].toUpperCase() + text.slice(1);

function whyNoCamera() {
  const isLocal = LOOPBACK.includes(location.hostname) || location.protocol === "vscode-webview:";
  if (!isLocal) return `This page comes from another machine, and the camera's frames stay on this one: run Jupyter here, ${FILE}`;
  if (!navigator.mediaDevices?.getUserMedia) return `This browser gives this page no camera: use another one, ${FILE}`;
  return "";
}

// A row with a name, a bar and a number.
function makeBarRow(name, top, title) {
  const node = make("li");
  if (title) node.title = title;
  const label = node.appendChild(make("span", "xf-cam-name"));
  label.append(...name);
  const bar = node.appendChild(make("div", "xf-b"));
  bar.setAttribute("aria-hidden", "true");
  const fill = bar.appendChild(make("i"));
  const number = node.appendChild(make("span", "xf-n", "–"));
  let limit;
  return {
    node,
    mark: (value) => {
      limit ??= bar.appendChild(make("u"));
      limit.style.left = percent(value / top);
    },
    set: (value, on, text) => {
      fill.style.width = value === null ? "0" : percent(Math.min(1, value / top));
      fill.className = on ? "on" : "";
      node.classList.toggle("on", on);
      number.textContent = text;
    },
  };
}

// A canvas that is given its own size again takes new memory.
const setSize = (canvas, width, height) => {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
};

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function addField(parent, text, control) {
  const label = parent.appendChild(make("label", "", `${text} `));
  label.appendChild(control);
  keepKeys(control);
  return control;
}

function render({ model, el }) {
  el.classList.add("xf-camera");
  const facts = model.get("facts");
  const viewId = crypto.randomUUID?.() ?? String(Math.random());
  const choose = (name, value) => model.send({ set: name, value, of: painted?.id });

  // What is seen
  const main = el.appendChild(make("div", "xf-cam-main"));
  const left = main.appendChild(make("div", "xf-cam-left"));
  const bar = left.appendChild(make("div", "xf-cam-bar"));
  const start = bar.appendChild(makeButton("Start camera", () => (stream ? stop("") : startCamera())));
  start.classList.add("xf-cam-go");
  const upload = bar.appendChild(make("label", "xf-upload xf-cam-file", "Video file …"));
  const file = upload.appendChild(make("input", "xf-sr"));
  file.type = "file";
  file.accept = "video/*";
  const freeze = bar.appendChild(makeButton("Freeze", () => choose("freeze"), "Freeze this moment and explain it"));
  const stage = left.appendChild(make("div", "xf-cam-stage"));
  const video = stage.appendChild(make("video"));
  Object.assign(video, { muted: true, playsInline: true });
  const canvas = stage.appendChild(make("canvas"));
  canvas.setAttribute("role", "img");
  const rest = stage.appendChild(make("p", "xf-cam-rest"));
  rest.textContent = "Your face, its landmarks and the map of the predicted class appear here.";
  const status = left.appendChild(make("p", "xf-status"));
  status.setAttribute("role", "status");
  const practice = left.appendChild(make("div", "xf-cam-practice"));
  const speed = left.appendChild(make("p", "xf-cam-speed xf-n"));
  const privacy = left.appendChild(make("p", "xf-q"));
  privacy.textContent = "Frames go to the kernel on this machine only, the newest one first; none is stored. " +
    "It explains what a model did, never what you feel.";

  const right = main.appendChild(make("div", "xf-cam-right"));
  const title = right.appendChild(make("p", "xf-target", "No prediction yet"));
  const options = right.appendChild(make("div", "xf-cam-bar"));
  const number = (value) => choose("smooth", Number(value));
  const smooth = addField(options, "Smoothing", makeSelect(
    facts.smoothing.map((s) => [s, s ? `mean of ${s} s` : "none"]), number));
  const target = addField(options, "Map of", makeSelect(
    [["", "the prediction"], ...facts.emotions.map((one) => [one, one])],
    (value) => choose("target", value || null)));
  const about = right.appendChild(make("p", "xf-q xf-cam-about"));
  const classes = right.appendChild(make("ul", "xf-cam-list"));
  classes.classList.add("xf-cam-classes");
  classes.setAttribute("aria-label", "Probabilities");
  const classRows = facts.emotions.map((one) => {
    const row = makeBarRow([one], 1);
    classes.appendChild(row.node);
    return row;
  });
  const head = right.appendChild(make("div", "xf-cam-bar"));
  head.appendChild(make("b", "", "Action Units, 0 to 5"));
  const neutral = head.appendChild(makeButton("", () => choose("neutral", !model.get("choices").neutral)));
  const units = right.appendChild(make("ul", "xf-cam-list xf-cam-units"));
  units.setAttribute("aria-label", "Action Units");
  const unitRows = facts.units.map(([, code, name, words]) => {
    const row = makeBarRow([make("b", "", code), ` ${name}`], 5, upper(words));
    units.appendChild(row.node);
    return row;
  });

  // Practice
  const pick = addField(practice.appendChild(make("div", "xf-cam-bar")), "Practise", makeSelect(
    [[0, "nothing"], ...facts.units.map(([au, code, name]) => [au, `${code} ${name}`])],
    (value) => choose("practice", Number(value))));
  const again = pick.parentNode.parentNode.appendChild(makeButton("Again", () => choose("practice", Number(pick.value))));
  const task = practice.appendChild(make("div", "xf-cam-task"));
  const wanted = task.appendChild(make("p", "xf-cam-wanted"));
  const large = makeBarRow(["intensity"], 5);
  const held = makeBarRow(["held"], facts.hold);
  const list = task.appendChild(make("ul", "xf-cam-list xf-cam-large"));
  list.append(large.node, held.node);
  const verdict = task.appendChild(make("p", "xf-cam-verdict"));
  verdict.setAttribute("role", "status");

  // What runs
  let stream = null;
  let newest = null; // the frame that the video shows
  let flying = null; // the frame whose answer is awaited
  let painted = null;
  let count = 0;
  let ended = false;
  let shownTimes = [];
  const grab = make("canvas");
  const heat = make("canvas");
  const say = (text) => {
    status.textContent = text;
    status.classList.toggle("xf-none", Boolean(text));
  };
  const isRunning = () => Boolean(stream || video.src);

  const stop = (text) => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    if (video.src) URL.revokeObjectURL(video.src);
    video.srcObject = null;
    video.removeAttribute("src");
    newest = flying = null;
    shownTimes = [];
    speed.textContent = "";
    rest.hidden = Boolean(painted);
    say(text);
    showButtons();
  };
  const showButtons = () => {
    start.textContent = stream ? "Stop camera" : "Start camera";
    freeze.disabled = neutral.disabled = !painted?.predicted;
    el.dataset.running = String(isRunning());
  };
  const startCamera = async () => {
    const reason = whyNoCamera();
    if (reason) {
      stop(reason);
      return;
    }
    stop("The browser asks whether this page may use the camera.");
    try {
      const size = { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" };
      stream = await navigator.mediaDevices.getUserMedia({ video: size, audio: false });
    } catch (error) {
      stop(REFUSALS[error.name] ?? `The camera did not start (${error.name}): start again, ${FILE}`);
      return;
    }
    if (ended || !el.isConnected) {
      stop("");
      return;
    }
    stream.getVideoTracks()[0].addEventListener("ended", () => stop(`The camera is gone: start again, ${FILE}`));
    video.srcObject = stream;
    play(true);
  };
  const play = (isMirrored) => {
    stage.classList.toggle("mirrored", isMirrored);
    rest.hidden = true;
    stage.classList.remove("painted");
    canvas.width = canvas.height = 0;
    say("The first frame takes some seconds: the models are loaded.");
    showButtons();
    video.play().catch(() => stop(`This file cannot be played: choose a WebM or MP4 file.`));
    watch();
  };
  file.addEventListener("change", () => {
    const [chosen] = file.files;
    file.value = "";
    if (!chosen) return;
    stop("");
    video.src = URL.createObjectURL(chosen);
    play(false);
  });
  video.addEventListener("error", () => video.src && stop("This file cannot be played as a video: choose a WebM or MP4 file."));
  video.addEventListener("ended", () => stop("The video has ended."));

  const watch = () => {
    if (!video.requestVideoFrameCallback) {
      requestAnimationFrame((now) => onFrame(now, {}));
      return;
    }
    video.requestVideoFrameCallback(onFrame);
  };
  const onFrame = (now, { captureTime }) => {
    if (!isRunning() || ended) return;
    // Where the browser knows when the camera took the frame, the lag counts from then on.
    newest = { at: captureTime > now - WINDOW && captureTime <= now ? captureTime : now };
    send();
    watch();
  };
  const send = async () => {
    if (flying && performance.now() - flying.sent > LOST) flying = null;
    if (flying || !newest || !video.videoWidth) return;
    const id = `${viewId} ${++count}`;
    const mine = { id, at: newest.at, sent: performance.now() };
    flying = mine;
    newest = null;
    const width = Math.min(FRAME_WIDTH, video.videoWidth);
    setSize(grab, width, Math.round((width * video.videoHeight) / video.videoWidth));
    grab.getContext("2d", { willReadFrequently: true }).drawImage(video, 0, 0, grab.width, grab.height);
    const blob = await new Promise((done) => grab.toBlob(done, "image/jpeg", QUALITY));
    const data = blob && (await blob.arrayBuffer());
    if (flying !== mine) return;
    if (!data) {
      flying = null;
      return;
    }
    model.send({ frame: id }, undefined, [new DataView(data)]);
  };
  const onAnswer = (content, buffers) => {
    if (!flying || content.answer !== flying.id) return;
    const mine = flying;
    if (!content.dropped) {
      painted = { id: mine.id, predicted: content.predicted };
      paint(content, buffers);
      showNumbers(content);
      const now = performance.now();
      shownTimes = [...shownTimes.filter((one) => one.now > now - WINDOW), { now, lag: now - mine.at }];
      showSpeed(now);
      el.dispatchEvent(new CustomEvent("xf-moment", {
        detail: { lag: now - mine.at, at: now, predicted: content.predicted ?? null, box: content.box ?? null },
      }));
    }
    flying = null;
    send();
  };

  // What an answer shows
  const paint = (content, buffers) => {
    setSize(canvas, grab.width * DETAIL, grab.height * DETAIL);
    stage.style.aspectRatio = `${grab.width} / ${grab.height}`;
    stage.classList.add("painted"); // the video is hidden, and so costs no drawing
    const context = canvas.getContext("2d");
    context.setTransform(DETAIL, 0, 0, DETAIL, 0, 0);
    context.drawImage(grab, 0, 0);
    canvas.setAttribute("aria-label", content.predicted ? `A face, predicted ${content.predicted}` : "No face");
    if (!content.box) return;
    if (content.heat) {
      const bytes = new Uint8ClampedArray(buffers[0].buffer, buffers[0].byteOffset, buffers[0].byteLength);
      setSize(heat, content.heat, content.heat);
      heat.getContext("2d").putImageData(new ImageData(bytes, content.heat), 0, 0);
      const [a, b, x, c, d, y] = content.to_photo;
      context.save();
      context.transform(a, c, b, d, x + 0.5, y + 0.5);
      context.drawImage(heat, -0.5, -0.5, CROP, CROP);
      context.restore();
    }
    const [x0, y0, x1, y1] = content.box;
    context.lineWidth = 1.5;
    context.strokeStyle = "#fff";
    context.strokeRect(x0, y0, x1 - x0, y1 - y0);
    context.fillStyle = "#5fd3ff";
    context.beginPath();
    for (let i = 0; i < content.landmarks.length; i += 2) {
      const [x, y] = [content.landmarks[i] + 0.5, content.landmarks[i + 1] + 0.5];
      context.moveTo(x + 1.5, y);
      context.arc(x, y, 1.5, 0, 2 * Math.PI);
    }
    context.fill();
  };
  const showNumbers = (content) => {
    const choices = model.get("choices");
    const { predicted } = content;
    if (status.textContent !== content.reason) say(content.reason ?? "");
    const chances = content.probabilities ?? facts.emotions.map(() => null);
    const best = predicted ? chances[facts.emotions.indexOf(predicted)] : null;
    title.replaceChildren(predicted ? upper(predicted) : "No prediction");
    if (predicted) title.append(" ", make("span", "", percent(best)));
    classRows.forEach((row, i) => row.set(chances[i], facts.emotions[i] === predicted,
      chances[i] === null ? "–" : percent(chances[i])));
    const strengths = content.intensities ?? facts.units.map(() => null);
    unitRows.forEach((row, i) => row.set(strengths[i], strengths[i] >= choices.min_intensity,
      strengths[i] === null ? "–" : strengths[i].toFixed(1)));
    const frames = content.frames === 1 ? "1 frame" : `${content.frames} frames`;
    about.textContent = !predicted
      ? ""
      : content.smooth
        ? `Probabilities: mean of ${frames}, the last ${content.smooth} s. Map and Action Units: of this frame alone.`
        : "Nothing is smoothed: all numbers are of this frame alone.";
    showPractice(content.practice, strengths);
    showButtons();
  };
  const showPractice = (judged, strengths) => {
    const choices = model.get("choices");
    const at = facts.units.findIndex(([au]) => au === choices.practice);
    if (at < 0 || !judged || judged.au !== choices.practice) return;
    const strength = strengths[at];
    large.set(strength, strength >= choices.min_intensity, strength === null ? "–" : strength.toFixed(1));
    held.set(judged.passed ? facts.hold : judged.held, judged.passed, `${judged.held.toFixed(1)} s`);
    const text = judged.passed ? `✓ Passed: ${facts.units[at][1]} was held for ${facts.hold} s.` : "";
    if (verdict.textContent !== text) verdict.textContent = text;
  };
  const showSpeed = (now) => {
    const span = now - shownTimes[0].now;
    const rate = span > 200 ? (1000 * (shownTimes.length - 1)) / span : null;
    const lag = Math.round(median(shownTimes.map((one) => one.lag)));
    speed.textContent = rate === null ? "" :
      `${rate.toFixed(1)} frames a second, ${lag} ms behind (over the last ${WINDOW / 1000} s)`;
  };
  const showChoices = () => {
    const choices = model.get("choices");
    smooth.value = String(choices.smooth);
    target.value = choices.target ?? "";
    pick.value = String(choices.practice);
    const at = facts.units.findIndex(([au]) => au === choices.practice);
    task.hidden = again.hidden = at < 0;
    if (at >= 0) {
      const [, code, , words] = facts.units[at];
      wanted.textContent = `Show ${code}, the ${words}, up to the mark (${choices.min_intensity.toFixed(1)}) for ${facts.hold} s.`;
      large.mark(choices.min_intensity);
    }
    [...unitRows].forEach((row) => row.mark(choices.min_intensity));
    neutral.textContent = choices.neutral ? "Forget my neutral face" : "This is my neutral face";
    neutral.title = choices.neutral
      ? "Show Action Units as they are measured" : "Subtract the Action Units of this moment from now on";
    head.firstChild.textContent = choices.neutral ? "Action Units, minus your neutral face" : "Action Units, 0 to 5";
    if (choices.error) say(choices.error);
  };
  const clearPractice = () => {
    verdict.textContent = "";
    large.set(null, false, "–");
    held.set(0, false, "0.0 s");
  };
  pick.addEventListener("change", clearPractice);
  again.addEventListener("click", clearPractice);

  // A view that is not seen any more, as behind another tab, gives the camera back.
  const seen = new ResizeObserver(() => {
    if (isRunning() && !el.offsetParent) stop("The camera was stopped while this view was hidden.");
  });
  seen.observe(el);
  const reason = whyNoCamera();
  if (reason) say(reason);
  showChoices();
  showButtons();
  const end = observe(model, { choices: showChoices });
  model.on("msg:custom", onAnswer);
  return () => {
    ended = true;
    end();
    model.off("msg:custom", onAnswer);
    seen.disconnect();
    stop("");
  };
}
export default { render };
