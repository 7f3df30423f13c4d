// Tabs for the panels beside this widget, which Python shows and hides.
let made = 0;
function render({ model, el }) {
  el.classList.add("xf-tabs");
  const id = `xf-tabs-${Date.now().toString(36)}-${(made += 1)}`;
  const names = model.get("names");
  const choose = (name) => setTrait(model, "chosen", name);
  const tabs = addTabs(el, "Learn", names.map((name) => [name, name]), choose);
  tabs.list.classList.add("xf-tabs-bar");
  tabs.buttons.forEach((button, i) => {
    button.id = `${id}-tab-${i}`;
  });
  // The panels come into the page after this widget, or beside it at any time.
  const name = () => {
    const panels = [...(el.parentElement?.querySelectorAll(":scope > .xf-panel") ?? [])];
    panels.forEach((panel, i) => {
      panel.setAttribute("role", "tabpanel");
      panel.id = `${id}-panel-${i}`;
      panel.setAttribute("aria-labelledby", `${id}-tab-${i}`);
      tabs.buttons[i]?.setAttribute("aria-controls", panel.id);
    });
    return panels.length >= names.length;
  };
  let timer = 0;
  const wait = (left) => {
    if (!name() && left) timer = setTimeout(() => wait(left - 1), 100);
  };
  wait(50);
  const show = () => tabs.show(model.get("chosen"));
  show();
  const stop = observe(model, { chosen: show });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
export default { render };
