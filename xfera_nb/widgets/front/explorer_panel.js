// The picked face beside the gallery: why it was classified so, and the way to the next one.

function render({ model, el }) {
  el.classList.add("xf-panel");
  el.setAttribute("role", "region");
  el.setAttribute("aria-label", "The picked face");
  el.tabIndex = -1;
  const bar = el.appendChild(make("div", "xf-bar2"));
  const close = () => model.send({ do: "close" });
  const back = bar.appendChild(makeButton("Back", close, "Back to the photos"));
  const step = (text, label, by) => makeButton(text, () => model.send({ step: by }), label);
  bar.append(step("‹", "Previous photo", -1), step("›", "Next photo", 1));
  const place = bar.appendChild(make("span", "xf-q"));
  // The Explainer opens at the end of the view: go there once it is drawn.
  const goToExplainer = (tries) => {
    const explainer = el.closest(".xf-browse")?.querySelector(".xf-screen");
    if (explainer) {
      explainer.tabIndex = -1;
      explainer.focus({ preventScroll: true });
      explainer.scrollIntoView({ block: "start" });
    } else if (tries) setTimeout(() => goToExplainer(tries - 1), 100);
  };
  const explain = bar.appendChild(
    makeButton("Open in the Explainer", () => {
      model.send({ do: "explain" });
      goToExplainer(300);
    }),
  );
  const body = el.appendChild(make("div", "xf-panel-body"));
  const words = body.appendChild(make("div", "xf-why"));
  words.setAttribute("role", "status");
  words.setAttribute("aria-live", "polite");
  const image = make("img", "xf-panel-face");

  const drawStatus = () => {
    place.textContent = model.get("place");
    words.querySelector(".xf-stale")?.remove();
    words.querySelector(".xf-busy")?.remove();
    if (model.get("error")) words.append(make("p", "xf-stale", model.get("error")));
    if (model.get("busy")) words.append(make("p", "xf-q xf-busy", model.get("busy")));
  };
  const draw = () => {
    const facts = model.get("facts");
    const isOpen = facts.number !== undefined || Boolean(model.get("busy") || model.get("error"));
    const opens = isOpen && el.hidden;
    el.hidden = !isOpen;
    el.closest(".xf-middle")?.classList.toggle("xf-open", isOpen);
    const head = make("div", "xf-panel-head");
    const beside = make("div");
    head.append(image, beside);
    words.replaceChildren(head);
    if (facts.name) beside.append(make("p", "xf-name", facts.name));
    if (facts.lines?.length) {
      beside.append(make("h3", "", facts.title));
      if (facts.group) beside.append(make("span", "xf-mini", facts.group));
      if (facts.group_about) beside.append(make("p", "xf-q", facts.group_about));
      const list = words.appendChild(make("ol", "xf-lines3"));
      facts.lines.forEach((line) => list.append(make("li", "", line)));
      const fold = words.appendChild(make("details"));
      fold.append(make("summary", "", "All facts"), make("p", "", facts.text));
      fold.append(make("p", "xf-q", facts.maps));
    }
    image.hidden = !model.get("picture");
    if (model.get("picture")) image.src = model.get("picture");
    image.alt = facts.name ? `${facts.name}, with the map of the prediction` : "";
    explain.hidden = !facts.explainable;
    drawStatus();
    // Where it covers the photos, the keyboard has nowhere else to be.
    const photos = el.closest(".xf-middle")?.querySelector(".xf-gallery");
    if (opens && photos && !photos.getClientRects().length) back.focus();
  };
  const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  keepKeys(el);
  el.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (STEPS[event.key]) model.send({ step: STEPS[event.key] });
    else return;
    event.preventDefault();
  });
  el.hidden = true;
  draw();
  const updateStatus = () => (el.hidden || !model.get("facts").name ? draw() : drawStatus());
  return observe(model, { "facts picture": draw, "place busy error": updateStatus });
}
export default { render };
