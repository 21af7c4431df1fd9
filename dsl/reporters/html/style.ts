/** How the page looks: light and dark, wide and narrow, on paper. */
import { MEANINGS, signs } from "./verdict.ts";

/** Colours of both schemes, by name: light, dark. */
const COLOURS: Readonly<Record<string, readonly [string, string]>> = {
  page: ["#ffffff", "#14171c"],
  panel: ["#f5f7f9", "#1c2128"],
  text: ["#1b2026", "#e4e8ed"],
  muted: ["#505a66", "#a3adb9"],
  faint: ["#8d96a1", "#6c7682"],
  edge: ["#d3d9e0", "#39414b"],
  link: ["#0a52b5", "#8cb8ff"],
  focus: ["#0a52b5", "#ffd166"],
  holds: ["#0f6a32", "#7fdc9c"],
  "holds-back": ["#def3e4", "#14301f"],
  failed: ["#a3131c", "#ff9d95"],
  "failed-back": ["#fde3e1", "#431719"],
  unknown: ["#735000", "#f3cf63"],
  "unknown-back": ["#fdf0c9", "#382d10"],
  broken: ["#6b1f9e", "#d9b1ff"],
  "broken-back": ["#f2e3fb", "#321a47"],
  nondeterministic: ["#124a94", "#a5c8ff"],
  "nondeterministic-back": ["#e0ebfb", "#17294a"],
  skipped: ["#505a66", "#a3adb9"],
  "skipped-back": ["#edf0f3", "#272d35"],
  // Told apart by people who see colours differently, too (after Okabe and Ito).
  "series-1": ["#0067a5", "#62b6f0"],
  "series-2": ["#b84a00", "#ff9a4d"],
  "series-3": ["#00795a", "#3fd0a4"],
  "series-4": ["#a24680", "#eb9fd0"],
  "series-5": ["#8a6300", "#f0c04a"],
  "series-6": ["#3d6f8e", "#a3d5ee"],
  "series-7": ["#333333", "#dddddd"],
  "bin-run": ["#9fd3b4", "#2f6b48"],
  "bin-stop": ["#e3867c", "#a8423a"],
  "bin-fault": ["#f0b071", "#99601f"],
  "bin-refill": ["#f2dc7e", "#7d6a16"],
  "bin-steal": ["#c3a6e0", "#694593"],
  "bin-other": ["#c5ccd4", "#4b545f"],
  "bin-text": ["#16191d", "#ffffff"],
  "fate-A": ["#4c93c9", "#3d7fb4"],
  "fate-B": ["#e07b39", "#d06f30"],
  "fate-S": ["#b1689a", "#b3689c"],
  "fate-zero": ["#d8dee5", "#3a434e"],
};

const scheme = (which: 0 | 1): string =>
  Object.entries(COLOURS).map(([name, pair]) => `--${name}:${pair[which]}`).join(";");

const VERDICTS = Object.keys(MEANINGS);

/** The look of each verdict, and the filter for it. */
const byVerdict = VERDICTS.map((verdict) => `
.v-${verdict}{--own:var(--${verdict});--back:var(--${verdict}-back)}
body:has(#show-${verdict}:not(:checked)) [data-verdict=${verdict}]{display:none}`).join("");

const bySeries = Array.from({ length: 7 }, (_, i) => `
.series-${i + 1}{color:var(--series-${i + 1})}`).join("");

const byBin = ["run", "stop", "fault", "refill", "steal", "other"].map((bin) => `
.bin-${bin}{background:var(--bin-${bin})}`).join("");

/** The style sheet. */
export const STYLE = `
:root{color-scheme:light dark;${scheme(0)}}
@media (prefers-color-scheme:dark){:root{${scheme(1)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;max-width:76rem;padding:0 1.25rem 4rem;background:var(--page);color:var(--text);
font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif}
h1,h2,h3,h4{line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:1.3rem}
h4{font-size:.95rem;margin:1.1rem 0 .3rem}
p{margin:.35rem 0}
a{color:var(--link)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.87em}
code{overflow-wrap:anywhere}
pre{margin:0;padding:.6rem .8rem;background:var(--panel);border:1px solid var(--edge);border-radius:6px;width:max-content;min-width:100%}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:3px}
main:focus{outline:none}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-99rem;top:.5rem;padding:.5rem 1rem;background:var(--panel);z-index:1}
.skip:focus{left:1rem}
.meaning,.place{color:var(--muted);font-size:.9rem}
.place{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.82rem;overflow-wrap:anywhere}
.tag{color:var(--muted);font-size:.85rem}
.number,.value{text-align:right;font-variant-numeric:tabular-nums}
.value{white-space:nowrap}
.head{margin:1.25rem 0 1.5rem;padding:1.1rem 1.4rem 1.2rem;background:var(--back);border-left:.5rem solid var(--own);border-radius:8px}
.head h1{font-size:1.75rem;color:var(--own)}
.brand{margin:0 0 .2rem;font-size:.8rem;letter-spacing:.06em;text-transform:uppercase}
.facts{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:1rem 0 0}
.facts dt{font-size:.78rem}
.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.notice{padding:.5rem .8rem;color:var(--own);background:var(--page);border-radius:6px}
.counts{margin-top:.9rem;width:auto}
.counts td,.counts th{border:0;padding:.1rem 1.4rem .1rem 0;text-align:right;background:none;color:inherit;vertical-align:middle}
.counts th:first-child{text-align:left;font-weight:400}
.counts tbody td{font-weight:600;font-size:1.05rem}
.badge{display:inline-block;padding:.05rem .55rem;border:1px solid var(--own);border-radius:1rem;color:var(--own);background:var(--back);font-size:.85rem;font-weight:600;white-space:nowrap;line-height:1.4}
.filter{margin:1.5rem 0}
.filter fieldset{display:flex;flex-wrap:wrap;gap:.4rem 1.5rem;border:1px solid var(--edge);border-radius:8px;padding:.5rem 1rem .7rem;margin:0 0 .6rem}
.filter legend{padding:0 .4rem;font-weight:600}
.filter label{display:inline-flex;gap:.45rem;align-items:center;min-height:1.75rem}
.filter input{width:1.1rem;height:1.1rem;accent-color:var(--own)}
.count{font-weight:600}
button{font:inherit;font-size:.88rem;margin:0 .5rem .3rem 0;padding:.25rem .8rem;color:var(--text);background:var(--panel);border:1px solid var(--faint);border-radius:6px;cursor:pointer}
button:hover{border-color:var(--link)}
.scroll{position:relative;overflow-x:auto;max-width:100%;margin:.5rem 0}
table{border-collapse:collapse;font-size:.9rem}
.wide{width:100%}
caption{text-align:left;color:var(--muted);padding:.2rem 0 .4rem;font-size:.88rem}
caption:has(>.unseen){padding:0}
th,td{text-align:left;vertical-align:top;padding:.32rem .7rem .32rem 0;border-bottom:1px solid var(--edge)}
th.number,th.value,td.number,td.value{text-align:right}
tbody th{white-space:nowrap}
thead th{font-size:.8rem;color:var(--muted);font-weight:600;vertical-align:bottom}
tbody th{font-weight:400}
td code,th code{white-space:normal}
.sides{width:auto}
.judged td:nth-child(2){min-width:20rem}
.judged td.value{white-space:normal;max-width:18rem}
.sides td.value{font-weight:600;text-align:left;white-space:normal;overflow-wrap:anywhere}
.contents{margin:1.5rem 0}
.contents tbody th{font-weight:600;min-width:12rem;white-space:normal}
.scenario{margin:2.4rem 0 0;padding-top:1.2rem;border-top:2px solid var(--edge)}
.about>*{margin-right:.5rem}
.prose{max-width:52rem;margin:.8rem 0}
.prose pre{width:auto;min-width:0;white-space:pre-wrap;overflow-wrap:anywhere}
.grid{width:auto}
.grid th,.grid td{padding:.25rem .6rem .25rem 0;border:0;vertical-align:middle}
.grid thead th{font-size:.85rem}
.cells{display:flex;flex-wrap:wrap;gap:.4rem;list-style:none;margin:.8rem 0;padding:0}
.chip{display:inline-flex;gap:.4rem;align-items:baseline;padding:.2rem .65rem;border:1px solid var(--own);border-radius:6px;color:var(--own);background:var(--back);font-size:.86rem;text-decoration:none;overflow-wrap:anywhere}
.chip:hover{text-decoration:underline}
.grid .chip{min-width:5.5rem}
.none{color:var(--muted)}
.figures{columns:34rem;column-gap:1rem;margin:1rem 0 0}
.figures figure{margin:0 0 1rem;break-inside:avoid}
figure{margin:1.2rem 0;padding:.8rem 1rem;border:1px solid var(--edge);border-radius:8px}
figcaption{font-weight:600;overflow-wrap:anywhere}
figure svg{display:block;height:auto}
figure .scroll>svg{max-width:100%;min-width:30rem}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem 1.2rem;margin:.4rem 0;padding:0;font-size:.85rem}
.legend svg{display:inline-block;width:.7rem;height:.7rem;vertical-align:-1px}
.swatch{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;border:1px solid var(--faint);vertical-align:-1px}
.data{margin:.4rem 0 0}
summary{cursor:pointer;padding:.2rem 0}
.data>summary{color:var(--link);font-size:.9rem}
.cell{margin:.5rem 0;border:1px solid var(--edge);border-left:.3rem solid var(--own);border-radius:6px;background:var(--page)}
.cell>summary{padding:.45rem .9rem}
.cell>summary h3{display:inline;font-size:1rem;font-weight:400}
.cell>summary .name{font-weight:600;margin:0 .4rem;overflow-wrap:anywhere}
.inside{padding:.2rem 1rem 1rem}
.claims{list-style:none;margin:.6rem 0;padding:0}
.claim{margin:.7rem 0;padding:.55rem .9rem .7rem;border-left:.3rem solid var(--own);background:var(--back);border-radius:0 6px 6px 0}
.claim pre{background:var(--page)}
.claim .title{font-weight:700;font-size:1.05rem}
.claim th,.claim td{border-color:var(--faint)}
.claim .place,.claim caption,.claim thead th{color:var(--text)}
.details{margin:.5rem 0 0;font-size:.9rem}
.details div{display:flex;gap:.6rem}
.details dt{min-width:4.5rem}
.details dd{margin:0;overflow-wrap:anywhere}
.worlds{display:flex;flex-wrap:wrap;gap:0 2.5rem}
.steps ol{list-style:none;margin:0;padding:0;font-size:.9rem}
.time{display:inline-block;min-width:6rem;font-variant-numeric:tabular-nums;color:var(--muted)}
.notes,.files{margin:.5rem 0;padding-left:1.2rem;font-size:.9rem}
.spacetime img{max-width:100%;min-width:33rem}
.shared{position:absolute}
.warnings>summary{font-weight:600}
.map text{font-size:10.5px;fill:var(--text)}
.fate-A{fill:var(--fate-A)}.fate-B{fill:var(--fate-B)}.fate-S{fill:var(--fate-S)}.fate-zero{fill:var(--fate-zero)}
.fate-X{fill:none;stroke:var(--faint);stroke-width:1.5}
.line{stroke:var(--text);stroke-width:1.1;fill:none}
.dot{fill:var(--faint)}
${byVerdict}${bySeries}${byBin}
${signs()}
@media (max-width:40rem){
body{padding:0 .8rem 3rem}
.head{padding:.8rem .9rem}
.head h1{font-size:1.35rem}
.counts td,.counts th{padding-right:.7rem}
.filter .meaning,.contents .place,.contents thead th:nth-child(3){display:none}
.inside{padding:.2rem .7rem .8rem}
figure{padding:.6rem .7rem}
}
@media print{
:root{${scheme(0)}}
body{max-width:none;padding:0;font-size:10pt}
.skip,.filter,button,script{display:none}
.head,.badge,.chip,.claim,.swatch,figure svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.scroll{overflow:visible}
pre{white-space:pre-wrap;width:auto}
figure,.claim,.head,tr{break-inside:avoid}
h2,h3,h4,summary,figcaption{break-after:avoid}
a{color:inherit;text-decoration:none}
figure .scroll>svg,.spacetime img{min-width:0}
}
`.trim();
