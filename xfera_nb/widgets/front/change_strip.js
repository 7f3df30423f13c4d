// Under a slider: up to which of its values each expected Action Unit is active. Python finds the values.
async function render({ model, el }) {
  el.classList.add("xf-strip");
  const list = el.appendChild(make("ul"));
  list.setAttribute("aria-label", model.get("label"));
  const id = model.get("slider").slice("IPY_MODEL_".length);
  const slider = await model.widget_manager.get_model(id);
  let rows = [];

  const place = (value) => {
    const [low, high] = [slider.get("min"), slider.get("max")];
    return `${Math.min(100, Math.max(0, (100 * (value - low)) / (high - low)))}%`;
  };
  const move = () => {
    const value = slider.get("value");
    rows.forEach(({ node, last, fill, here }) => {
      const on = last === "all" || (last !== null && value <= last + 1e-9);
      node.classList.toggle("on", on);
      fill.style.width = last === "all" ? "100%" : last === null ? "0" : place(last);
      here.style.left = place(value);
    });
  };
  const build = () => {
    rows = model.get("rows").map(([name, last, text, words]) => {
      const node = make("li");
      node.title = words;
      node.append(make("span", "xf-sr", words));
      const [label, track, number] = [make("span", "", name), make("div", "xf-b"), make("span", "xf-n", text)];
      const fill = track.appendChild(make("i"));
      const here = track.appendChild(make("u"));
      [label, track, number].forEach((part) => part.setAttribute("aria-hidden", "true"));
      node.append(label, track, number);
      return { node, last, fill, here };
    });
    list.replaceChildren(...rows.map(({ node }) => node));
    list.hidden = !rows.length;
    move();
  };
  build();
  const end = observe(model, { rows: build });
  slider.on("change:value change:min change:max", move);
  return () => {
    end();
    slider.off("change:value change:min change:max", move);
  };
}
export default { render };
