// Asks Python for a file and hands it to the browser; code goes to the clipboard and into view.
function render({ model, el }) {
  el.classList.add("xf-export");
  const shown = document.createElement("pre");
  shown.hidden = true;
  shown.tabIndex = 0;
  for (const [kind, text] of model.get("kinds")) {
    const button = el.appendChild(document.createElement("button"));
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", () => model.send({ make: kind }));
  }
  const said = el.appendChild(document.createElement("span"));
  said.className = "xf-q";
  said.setAttribute("role", "status");
  el.appendChild(shown);
  model.on("msg:custom", async (message, buffers) => {
    if (message.kind === "code") {
      shown.textContent = message.text;
      shown.hidden = false;
      try {
        await navigator.clipboard.writeText(message.text);
        said.textContent = "Copied.";
      } catch {
        said.textContent = "Copy it from here:";
      }
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([buffers[0]], { type: message.type }));
    link.download = message.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    said.textContent = `${message.name} saved.`;
  });
}
export default { render };
