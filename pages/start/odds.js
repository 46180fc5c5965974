function part(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}
export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".tinylm-odds");
  list.replaceChildren(
    ...data.rows.map(({ text, chance, shown }) => {
      const row = document.createElement("li");
      const track = part("track", "");
      const bar = document.createElement("div");
      bar.className = "bar";
      bar.style.width = `${100 * chance}%`;
      bar.style.background = data.colour;
      track.append(bar);
      row.append(part("text", text), track, part("shown", shown));
      return row;
    }),
  );
}
