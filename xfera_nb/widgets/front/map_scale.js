// The map's colours with its threshold, and what the landmarks' marks mean.
function render({ model, el }) {
  el.classList.add("xf-scale");
  const terms = model.get("terms");
  const [inside, outside] = model.get("marks");
  const line = el.appendChild(make("div", "xf-ramp-line"));
  line.append(make("span", "xf-n", "0"));
  const ramp = line.appendChild(make("div", "xf-ramp2"));
  ramp.setAttribute("aria-hidden", "true");
  ramp.title = terms.map;
  const colours = ramp.appendChild(make("i"));
  colours.style.background = `linear-gradient(to right, ${model.get("scale").join(",")})`;
  const mark = ramp.appendChild(make("u"));
  mark.title = terms.threshold;
  const peak = line.appendChild(make("span", "xf-n"));
  peak.title = terms.peak;
  const status = el.appendChild(make("p", "xf-status"));
  const key = el.appendChild(make("p", "xf-key2"));
  key.title = terms.salient;
  const dot = key.appendChild(make("span", "xf-dot"));
  dot.style.background = inside;
  const count = key.appendChild(make("span"));
  const square = key.appendChild(make("span", "xf-square"));
  square.style.borderColor = outside;
  key.append(make("span", "", "the others"));
  [dot, square].forEach((node) => node.setAttribute("aria-hidden", "true"));

  const update = () => {
    const [fixed, now] = [model.get("fixed"), model.get("now")];
    const threshold = now.threshold;
    const says = threshold !== null && fixed.peak !== null;
    line.classList.toggle("xf-empty", !says);
    colours.style.opacity = says ? model.get("opacity") : 0;
    mark.hidden = !says || threshold < 0 || threshold > 1;
    if (says) mark.style.left = `${100 * threshold}%`;
    peak.textContent = says ? fixed.peak.toPrecision(3) : "–";
    count.textContent = `${now.salient} of 68 landmarks in the salient region`;
    const outline = says
      ? `Outline: from ${threshold.toFixed(2)} of the peak (mean + ${now.k} SD over ${now.region}).`
      : "";
    status.textContent = now.no_evidence ?? `${fixed.drawn || `${fixed.title}, from 0 to its peak.`} ${outline}`;
    status.title = `${fixed.title}: ${terms.map}`;
    status.classList.toggle("xf-none", Boolean(now.no_evidence));
  };
  update();
  return observe(model, { "fixed now opacity": update });
}
export default { render };
