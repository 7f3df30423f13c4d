// Asks Python for a file and hands it to the browser; code goes to the clipboard and into view.
function render({ model, el }) {
  el.classList.add("xf-export");
  model.get("kinds").forEach(([kind, text]) => {
    el.appendChild(makeButton(text, () => model.send({ make: kind })));
  });
  const status = el.appendChild(make("span", "xf-q"));
  status.setAttribute("role", "status");
  const shown = el.appendChild(make("pre"));
  shown.hidden = true;
  shown.tabIndex = 0;
  const take = async (message, buffers) => {
    if (message.kind === "code") {
      shown.textContent = message.text;
      shown.hidden = false;
      try {
        await navigator.clipboard.writeText(message.text);
        status.textContent = "Copied.";
      } catch {
        status.textContent = "Copy it from here:";
      }
      return;
    }
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([buffers[0]], { type: message.type }));
    link.download = message.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    status.textContent = `${message.name} saved.`;
  };
  return observe(model, { "msg:custom": take });
}
export default { render };
