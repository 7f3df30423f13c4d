// The application's bar: tabs, theme, and dropping photos or a store anywhere on the page.
const PIECE = 1 << 20;
const THEMES = { system: "◐ System", light: "☀ Light", dark: "☾ Dark" };
const isServed = () => "voila" in document.body.dataset; // JupyterLab's address and theme are its own

function addViews(model, bar) {
  const tabs = addTabs(bar, "Views", model.get("tabs"), (name) => setTrait(model, "tab", name));
  tabs.list.classList.add("xf-app-tabs");
  const heading = bar.appendChild(make("h2", "xf-sr"));
  const show = () => {
    tabs.show(model.get("tab"));
    heading.textContent = Object.fromEntries(model.get("tabs"))[model.get("tab")];
  };
  show();
  return observe(model, { tab: show });
}

// The page's head sets the theme before anything is drawn and offers `xfSetTheme`.
function addTheme(bar) {
  if (!isServed() || !globalThis.xfSetTheme) return;
  const names = Object.keys(THEMES);
  const current = () => localStorage.getItem("xfera-theme") ?? "system";
  const button = makeButton("", () => {
    globalThis.xfSetTheme(names[(names.indexOf(current()) + 1) % names.length]);
    show();
  });
  const show = () => {
    button.textContent = THEMES[current()] ?? THEMES.system;
    button.setAttribute("aria-label", `Theme: ${current()}. Change it`);
    button.title = "Theme: as the system, light or dark";
  };
  button.className = "xf-theme";
  show();
  bar.appendChild(button);
}

async function listFiles(items) {
  const found = [];
  const walk = async (entry, prefix) => {
    if (entry.isFile) {
      const file = await new Promise((done, fail) => entry.file(done, fail));
      found.push([prefix + entry.name, file]);
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!some.length) return;
      for (const one of some) await walk(one, `${prefix}${entry.name}/`);
    }
  };
  // Both are asked for at once: the list of items is empty after the first wait.
  const given = [...items]
    .filter((item) => item.kind === "file")
    .map((item) => [item.webkitGetAsEntry(), item.getAsFile()]);
  for (const [entry, file] of given) {
    if (entry) await walk(entry, "");
    else if (file) found.push([file.name, file]);
  }
  const isStore = found.some(([name]) => /(^|\/)manifest\.json$/.test(name));
  // Of a folder that is no store only pictures are wanted.
  return isStore || found.length === 1 ? found : found.filter(([, file]) => /^image\//.test(file.type));
}

function addDropZone(model, el, say) {
  const zone = el.appendChild(make("div", "xf-drop", "Drop photos to explain them, or the folder of a store to explore it"));
  zone.hidden = true;
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const enter = (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth += 1;
    zone.hidden = false;
  };
  const leave = (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(0, depth - 1);
    zone.hidden = depth === 0;
  };
  const over = (event) => hasFiles(event) && event.preventDefault();
  const drop = async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    zone.hidden = true;
    const files = await listFiles(event.dataTransfer.items);
    const size = files.reduce((sum, [, file]) => sum + file.size, 0);
    if (size > model.get("limit")) {
      say(`The files have ${Math.round(size / (1 << 20))} MB together; the limit is ${model.get("limit") >> 20} MB.`);
      return;
    }
    say(files.length > 1 ? `Reading ${files.length} files …` : "");
    model.send({ drop: "start" });
    for (const [name, file] of files) {
      for (let at = 0; at < Math.max(1, file.size); at += PIECE) {
        const piece = await file.slice(at, at + PIECE).arrayBuffer();
        model.send({ drop: "piece", name }, undefined, [new DataView(piece)]);
      }
    }
    model.send({ drop: "end" });
  };
  const events = { dragenter: enter, dragleave: leave, dragover: over, drop };
  // In JupyterLab files dropped elsewhere go to its own file browser.
  const target = isServed() ? document : el.closest(".xf-app") ?? el;
  Object.entries(events).forEach(([name, act]) => target.addEventListener(name, act));
  return () => Object.entries(events).forEach(([name, act]) => target.removeEventListener(name, act));
}

function keepLink(model) {
  if (!isServed()) return () => {};
  const link = () => history.replaceState(null, "", `#${model.get("link")}`);
  const open = () => {
    const asked = location.hash.slice(1);
    if (asked && asked !== model.get("link")) model.send({ open: asked });
  };
  globalThis.addEventListener("hashchange", open);
  if (location.hash.length > 1) open();
  else link();
  const end = observe(model, { link });
  return () => {
    end();
    globalThis.removeEventListener("hashchange", open);
  };
}

function render({ model, el }) {
  el.classList.add("xf-app-bar");
  const bar = el.appendChild(make("div", "xf-header"));
  const name = bar.appendChild(make("h1", "", "XFERa"));
  name.title = "Explainable facial-expression recognition";
  const ends = [addViews(model, bar)];
  addTheme(bar);
  const status = el.appendChild(make("p", "xf-app-status"));
  status.setAttribute("role", "status");
  const say = (text) => {
    status.textContent = text;
  };
  const show = () => say(model.get("status"));
  show();
  ends.push(addDropZone(model, el, say), keepLink(model), observe(model, { status: show }));
  return () => ends.forEach((end) => end());
}
export default { render };
