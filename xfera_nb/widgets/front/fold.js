// The line that opens and closes a drawer; the style sheet shows its body by `aria-expanded`.
function render({ model, el }) {
  el.classList.add("xf-fold");
  const button = el.appendChild(
    makeButton("", () => {
      setTrait(model, "is_open", !model.get("is_open"));
    }),
  );
  button.append(make("b", "", model.get("title")));
  const words = button.appendChild(make("span", "xf-q"));
  const update = () => {
    button.setAttribute("aria-expanded", String(model.get("is_open")));
    words.textContent = model.get("words");
  };
  update();
  return observe(model, { "is_open words": update });
}
export default { render };
