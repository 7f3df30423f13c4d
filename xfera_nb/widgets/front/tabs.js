// Tabs for the panels beside this widget, which Python shows and hides.
let made = 0;
function render({ model, el }) {
  el.classList.add("xf-tabs");
  keepKeys(el);
  const id = `xf-tabs-${Date.now().toString(36)}-${(made += 1)}`;
  const bar = el.appendChild(make("div", "xf-tabs-bar"));
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", "Learn");
  const names = model.get("names");
  const buttons = names.map((name, i) => {
    const button = bar.appendChild(makeButton(name, () => setTrait(model, "chosen", name)));
    button.setAttribute("role", "tab");
    button.id = `${id}-tab-${i}`;
    return button;
  });
  // The panels come into the page after this widget, or beside it at any time.
  const name = () => {
    const panels = [...(el.parentElement?.querySelectorAll(":scope > .xf-panel") ?? [])];
    panels.forEach((panel, i) => {
      panel.setAttribute("role", "tabpanel");
      panel.id = `${id}-panel-${i}`;
      panel.setAttribute("aria-labelledby", `${id}-tab-${i}`);
      buttons[i]?.setAttribute("aria-controls", panel.id);
    });
    return panels.length >= names.length;
  };
  let timer = 0;
  const wait = (left) => {
    if (!name() && left) timer = setTimeout(() => wait(left - 1), 100);
  };
  wait(50);
  const show = () => {
    const at = Math.max(0, names.indexOf(model.get("chosen")));
    buttons.forEach((button, i) => button.setAttribute("aria-selected", String(i === at)));
    setTabStop(buttons, at);
  };
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: buttons.length - 1 - at }[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    const to = (at + step + buttons.length) % buttons.length;
    buttons[to].focus();
    setTrait(model, "chosen", names[to]);
  });
  show();
  const stop = observe(model, { chosen: show });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
export default { render };
