// Which photo and which face on it; uploads go to Python in pieces, since a message has a limit.
const PIECE = 1 << 20;

function render({ model, el }) {
  el.classList.add("xf-picker");
  const bar = el.appendChild(make("div", "xf-bar2"));
  const step = (text, label, by) => {
    bar.appendChild(makeButton(text, () => model.send({ step: by }), label));
  };
  const label = bar.appendChild(make("label", "", "Photo "));
  const select = label.appendChild(
    makeSelect([], (index) => setTrait(model, "index", Number(index))),
  );
  step("‹", "Previous photo", -1);
  step("›", "Next photo", 1);
  const hint = bar.appendChild(make("span", "xf-q xf-hint"));
  const pick = bar.appendChild(make("label", "xf-upload", "Upload"));
  pick.title = "Explain a photo of your own; it stays on this machine";
  const input = pick.appendChild(make("input", "xf-sr"));
  input.type = "file";
  input.accept = "image/*";
  input.setAttribute("aria-label", "Upload a photo");
  const work = bar.appendChild(make("span", "xf-sr"));
  work.setAttribute("role", "status");
  const status = el.appendChild(make("p", "xf-status xf-error"));
  status.setAttribute("role", "alert");
  const faces = el.appendChild(make("div", "xf-faces"));
  const say = (text) => {
    status.textContent = text;
    status.hidden = !text;
  };

  keepKeys(select);
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    const limit = model.get("limit");
    if (file.size > limit) {
      say(`${file.name} has ${Math.round(file.size / (1 << 20))} MB; the limit is ${limit >> 20} MB: make it smaller first.`);
      input.value = "";
      return;
    }
    const whole = await file.arrayBuffer();
    const count = Math.max(1, Math.ceil(whole.byteLength / PIECE));
    for (let i = 0; i < count; i += 1) {
      model.send({ upload: file.name, part: i, of: count }, undefined, [
        new DataView(whole.slice(i * PIECE, (i + 1) * PIECE)),
      ]);
    }
    input.value = "";
  });

  const names = () => {
    fillSelect(select, model.get("names").map((name, i) => [i, name]));
    index();
  };
  const index = () => {
    select.value = String(model.get("index"));
    const place = `${model.get("index") + 1} of ${model.get("names").length}`;
    hint.textContent = model.get("busy") ? "Measuring …" : place;
  };
  const people = () => {
    const boxes = model.get("boxes");
    faces.hidden = boxes.length < 2;
    if (faces.hidden) {
      faces.replaceChildren();
      return;
    }
    const picture = make("img");
    picture.src = model.get("thumb");
    picture.alt = `The photo with ${boxes.length} faces`;
    faces.replaceChildren(
      picture,
      ...boxes.map(([left, top, width, height], i) => {
        const label = `Face ${i + 1} of ${boxes.length}, from left to right`;
        const button = makeButton(String(i + 1), () => setTrait(model, "face", i), label);
        button.setAttribute("aria-pressed", String(i === model.get("face")));
        Object.assign(button.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` });
        return button;
      }),
    );
  };
  const message = () => {
    say(model.get("error"));
    work.textContent = model.get("busy"); // read aloud; to the eye nothing moves
    index();
  };
  names();
  people();
  message();
  return observe(model, {
    names, index, "boxes face thumb": people, "error busy": message,
  });
}
export default { render };
