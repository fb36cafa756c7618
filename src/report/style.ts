import { fontFamily, type Theme, themes } from "../plots/theme.ts";

function colours(theme: Theme): string {
  const { background, text, quiet, grid, series } = themes[theme];
  const page = theme === "light" ? "#f4f6f8" : "#0f1215";
  return `--card:${background};--page:${page};--text:${text};--quiet:${quiet};--line:${grid};--accent:${series[0]};--mark:${series[1]};color-scheme:${theme}`;
}

/** The style sheet of every report. Colours follow the reader's light or dark setting. */
export const style = `
:root{${colours("light")}}
.on-dark{display:none}
@media (prefers-color-scheme:dark){:root{${colours("dark")}}.on-dark{display:block}.on-light{display:none}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 ${fontFamily}}
main,header,footer{max-width:1180px;margin:0 auto;padding:0 20px}
header{padding-top:28px;padding-bottom:8px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:18px;margin:0 0 12px}
h3{font-size:15px;margin:20px 0 8px}
p{margin:0 0 12px}
.quiet{color:var(--quiet)}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:12px 0 0}
a{color:var(--accent)}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px;margin:16px 0}
section:target{scroll-margin-top:12px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:16px 0 0}
.figure{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px}
.figure b{display:block;font-size:22px;font-weight:600;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto;max-width:100%}
.facts+.scroll,.scroll+p{margin-top:14px}
.scroll:focus-visible,.stack:focus-within,a:focus-visible,summary:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:4px 12px 4px 0;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;font-weight:400}
thead th{color:var(--quiet);vertical-align:bottom}
th:first-child,td:first-child,.facts td,.text{text-align:left}
.group{text-align:center;border-left:1px solid var(--line);padding-left:12px}
td.first,th.first{border-left:1px solid var(--line);padding-left:12px;text-align:right}
tr.best th,tr.best td,td.best{font-weight:600}
.facts{width:100%}
.facts th{color:var(--quiet);vertical-align:top;text-align:left;width:1%}
.facts td{white-space:normal;overflow-wrap:anywhere;vertical-align:top}
.facts.runs td{overflow-wrap:normal;word-break:normal;min-width:130px}
tr.differs td{color:var(--text)}
tr.same td{color:var(--quiet)}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--page);border-radius:8px;padding:12px;overflow-x:auto;margin:0 0 12px}
.hash{overflow-wrap:anywhere}
.swatch{display:inline-block;width:12px;height:12px;border-radius:2px;border:1px solid var(--quiet);margin-right:7px;vertical-align:-1px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 14px;padding:0;list-style:none}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));grid-auto-flow:dense;gap:16px}
.plots>.wide{grid-column:1/-1}
.plot{margin:0}
.plot svg{display:block;width:100%;height:auto;max-width:var(--drawn)}
.plot.wide svg{max-width:calc(1.25*var(--drawn))}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:18px}
.pair{margin:0}
.stack{position:relative;overflow:hidden;border-radius:6px;background:#000;touch-action:pan-y}
.stack img{position:absolute;inset:0;width:100%;height:100%;display:block;user-select:none;pointer-events:none}
.stack .mask{opacity:var(--strength,.5);image-rendering:pixelated}
.truth{clip-path:inset(0 calc(100% - var(--at,50%)) 0 0)}
.prediction{clip-path:inset(0 0 0 var(--at,50%))}
.stack .mistakes{display:none;image-rendering:pixelated}
.pictures:has(.only:checked) .mask{display:none}
.pictures:has(.only:checked) .mistakes{display:block}
.pictures:has(.only:checked) .photo{filter:grayscale(1) brightness(1.15) contrast(.7)}
.pictures:has(.only:checked) .edge,.pictures:has(.only:checked) .side{display:none}
.edge{position:absolute;top:0;bottom:0;left:var(--at,50%);width:2px;margin-left:-1px;background:#fff;box-shadow:0 0 3px #000;pointer-events:none}
.edge::after{content:"";position:absolute;top:50%;left:-8px;width:18px;height:18px;margin-top:-9px;border-radius:9px;background:#fff;box-shadow:0 0 3px #000}
.side{position:absolute;bottom:6px;padding:0 7px;border-radius:4px;background:rgba(0,0,0,.65);color:#fff;font-size:12px;pointer-events:none}
.side.left{left:6px}
.side.right{right:6px}
.stack input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:ew-resize;touch-action:pan-y}
figcaption{color:var(--quiet);font-size:13px;margin-top:6px;overflow-wrap:anywhere}
figcaption b{color:var(--text);font-weight:600}
.rank{display:inline-block;border:1px solid var(--line);border-radius:4px;padding:0 6px;margin-right:6px;color:var(--text)}
.controls{display:flex;flex-wrap:wrap;gap:8px 24px;align-items:center;margin:0 0 12px}
.controls label{display:flex;gap:8px;align-items:center}
.note{border-left:4px solid var(--mark);padding:6px 12px;margin:0 0 12px}
footer{color:var(--quiet);font-size:13px;padding-bottom:28px}
@media (max-width:600px){main,header,footer{padding-left:12px;padding-right:12px}section{padding:14px 12px}.plot{overflow-x:auto}.plot svg{min-width:calc(.64*var(--drawn))}.facts:not(.runs) :is(tbody,tr,th,td){display:block;width:auto}.facts:not(.runs) th{border:0;padding-bottom:0}}
@media print{body{background:#fff}section{break-inside:avoid-page}.controls{display:none}}
`;

/** What the sliders do: where truth ends and prediction begins, and how strong the masks are. */
export const script = `
for (const slider of document.querySelectorAll(".stack input"))
  slider.addEventListener("input", () => slider.parentElement.style.setProperty("--at", slider.value + "%"));
for (const slider of document.querySelectorAll(".strength"))
  slider.addEventListener("input", () =>
    slider.closest(".pictures").style.setProperty("--strength", String(slider.value / 100)),
  );
`;
