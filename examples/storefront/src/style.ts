// The merchant's colours. A page without any follows the reader's wish for light or dark; a page with some is as the merchant drew it.
const VARIABLES: Record<string, string> = {
  background_color: "--background", headings_color: "--headings", primary_text_color: "--text", secondary_text_color: "--quiet",
  links_color: "--links", borders_color: "--borders", checkbox_color: "--checkbox", active_state_color: "--active",
  button_color: "--button", button_text_color: "--button-text", terms_privacy_color: "--terms",
};

function luminance(color: string): number {
  const hex = color.length === 4 ? color.replace(/[0-9a-f]/gi, "$&$&") : color;
  const channel = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** Black or white, whichever is read better on a colour. */
const readableOn = (color: string) => (luminance(color) > 0.179 ? "#111111" : "#ffffff");

export function paint(style: Record<string, string | null | undefined>, options: Record<string, unknown>) {
  const root = document.documentElement;
  const chosen: Record<string, string> = {};
  for (const name of Object.keys(VARIABLES)) {
    const color = options[name] ?? style[name];
    if (typeof color === "string" && /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color)) chosen[name] = color;
  }
  if (!Object.keys(chosen).length) return;
  // A background decides light or dark; other colours alone are drawn for a light page.
  root.dataset["styled"] = chosen["background_color"] && luminance(chosen["background_color"]) < 0.179 ? "dark" : "light";
  if (chosen["button_color"] && !chosen["button_text_color"]) chosen["button_text_color"] = readableOn(chosen["button_color"]);
  for (const [name, color] of Object.entries(chosen)) root.style.setProperty(VARIABLES[name]!, color);
}
