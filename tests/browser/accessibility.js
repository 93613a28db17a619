// Of a page's forms and boards: what axe-core finds, which texts are hard to read, and what leaves its place.
(() => {
  const axeFindings = async () => {
  const include = ['.incidentio-form', '.incidents-board'].filter(part => document.querySelector(part)).map(part => [part]);
  const found = await axe.run({include}, {resultTypes: ['violations']});
  return found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}`));
};
  // The contrast of every text, placeholder and value that is seen with what is behind it, where it is less than wanted.
  const weak = wanted => {
  const parse = text => { const unit = text.startsWith('color(') ? 255 : 1;
    const [r, g, b, a = 1] = (text.match(/[\d.]+/g) || []).map(Number); return [r * unit, g * unit, b * unit, a]; };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
  const behind = node => { const layers = [];
    for (let at = node; at; at = at.parentElement) { const color = parse(getComputedStyle(at).backgroundColor);
      if (color[3] > 0) { layers.push(color); } if (color[3] === 1) { break; } }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]); };
  const light = rgb => { const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (text, back) => { const [a, b] = [light(text), light(back)].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); };
  const seen = node => node.getClientRects().length && getComputedStyle(node).visibility !== 'hidden';
  const found = [];
  const judge = (node, style, text) => { const back = behind(node), color = over(parse(style.color), back);
    const value = ratio(color, back) ; if (value < wanted) { found.push(`${value.toFixed(2)}: ${text.trim().slice(0, 60)} (${node.className})`); } };
  for (const root of document.querySelectorAll('.incidentio-form, .incidents-board')) {
    for (const node of root.querySelectorAll('*')) {
      if (!seen(node) || node.disabled || node.tagName === 'STYLE') { continue; }
      const text = [...node.childNodes].filter(child => child.nodeType === 3).map(child => child.data).join('');
      if (text.trim()) { judge(node, getComputedStyle(node), text); }
      if (node.value && node.matches('input[type=text], textarea')) { judge(node, getComputedStyle(node), node.value); }
      if (node.placeholder && !node.value) { judge(node, getComputedStyle(node, '::placeholder'), node.placeholder); }
    }
  }
  return found;
};
  const leaving = () => [...document.querySelectorAll('.incidentio-form, .incidents-board')].flatMap(root => {
  const right = root.getBoundingClientRect().right + 1;
  return [...root.querySelectorAll('input, select, textarea, button, .incidentio-hint, .incidentio-problem, .ib-row > div')]
    .filter(node => node.getClientRects().length && node.getBoundingClientRect().right > right)
    .map(node => (node.innerText || node.className).slice(0, 60)); });
  window.examine = async wanted => [
    ...await axeFindings(),
    ...weak(wanted).map(found => `contrast ${found}`),
    ...leaving().map(found => `leaves its place: ${found}`),
  ];
})()
