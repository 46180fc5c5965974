export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tinylm-surprise");
  const line = document.createDocumentFragment();
  for (const [text, bits, depth] of data.tokens) {
    const token = document.createElement("span"), number = document.createElement("small");
    token.textContent = text;
    number.textContent = bits;
    token.style.backgroundColor = `rgba(35, 120, 196, ${depth})`;
    token.append(number);
    line.append(token);
  }
  root.replaceChildren(line);
  root.setAttribute("aria-label", data.label);
}
