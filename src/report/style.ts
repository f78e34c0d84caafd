/** The style of a page: light and dark, narrow and wide, screen and paper. No address in it leads out. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--box:#f6f8fa;--link:#0550ae;--bad:#b3261e;--warn:#8a5a00;--good:#116329;--mark:#ffd8d3;
--c0:#0550ae;--c1:#b35900;--c2:#116329;--c3:#8250df;--c4:#a40e5b;--c5:#57606a}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9da7b3;--line:#30363d;--box:#161b22;--link:#79b8ff;--bad:#ff8a80;--warn:#e3b341;--good:#56d364;--mark:#5c1f1a;
--c0:#79b8ff;--c1:#ffa657;--c2:#56d364;--c3:#d2a8ff;--c4:#ff9bce;--c5:#9da7b3}}
*{box-sizing:border-box}
html{scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:70rem;padding:1rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,input:focus-visible,select:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1rem 0 .3rem}h4{font-size:.9rem;margin:.8rem 0 .2rem;color:var(--dim)}
.verdict{font-size:1.2rem;font-weight:600;border-left:.4rem solid;padding:.4rem .8rem;background:var(--box);margin:.6rem 0}
.bad{color:var(--bad)}.warn{color:var(--warn)}.good{color:var(--good)}.dim{color:var(--dim)}
.verdict.bad,.verdict.warn,.verdict.good{border-color:currentColor}
nav{display:flex;flex-wrap:wrap;gap:.2rem 1rem}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem}
.tools{display:none;position:sticky;top:0;z-index:1;background:var(--bg);padding:.5rem 0;border-bottom:1px solid var(--line);gap:.5rem;flex-wrap:wrap;align-items:center}
.live .tools{display:flex}.tools .dim{font-size:.85rem}
.tools input{flex:1 1 12rem;min-width:8rem}
input,select{font:inherit;color:inherit;background:var(--box);border:1px solid var(--line);border-radius:.3rem;padding:.3rem .5rem}
dl{display:grid;grid-template-columns:minmax(5rem,max-content) 1fr;gap:.1rem .8rem;margin:.4rem 0}dt{color:var(--dim)}dd{margin:0;min-width:0}
details.incident{border:1px solid var(--line);border-radius:.4rem;margin:.6rem 0;padding:.4rem .8rem;background:var(--bg)}
details.incident>summary,details.inner>summary{cursor:pointer}details.incident>summary{font-weight:600}
.tag{display:inline-block;font-size:.8rem;font-weight:400;border:1px solid var(--line);border-radius:.3rem;padding:0 .4rem;background:var(--box)}
.finding{border-left:3px solid var(--line);padding-left:.8rem;margin:.8rem 0}
pre,code,.mono{font:.85rem/1.45 ui-monospace,monospace;unicode-bidi:isolate}
pre{background:var(--box);border:1px solid var(--line);border-radius:.3rem;padding:.5rem;overflow-x:auto;margin:.3rem 0;overflow-wrap:normal}
pre .blamed{font-weight:700}pre .unsure{color:var(--dim)}
pre .ln{color:var(--dim);text-decoration:none;display:inline-block;min-width:4.5em;text-align:right;padding-right:1em;user-select:none}
pre .ev{background:var(--mark)}pre span:target{outline:2px solid var(--link)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid var(--line)}th{color:var(--dim);font-weight:600}th,.n{white-space:nowrap;overflow-wrap:normal}
td.num{text-align:right;white-space:nowrap}
tr:focus{background:var(--box)}
.chart{margin:1rem 0}.chart svg{width:100%;height:auto;background:var(--box);border:1px solid var(--line);border-radius:.3rem}
figcaption{font-weight:600}.key{font-weight:400;font-size:.85rem;color:var(--dim);margin-left:.8rem}.key i{display:inline-block;width:.8em;height:.8em;margin-right:.3em}
.grid{stroke:var(--line)}.tick{fill:var(--dim);font:11px ui-monospace,monospace}.curve{fill:none;stroke-width:1.5;stroke:var(--fg)}.mark{fill:var(--bad);opacity:.25}
i.c0{background:var(--c0)}i.c1{background:var(--c1)}i.c2{background:var(--c2)}i.c3{background:var(--c3)}i.c4{background:var(--c4)}i.c5{background:var(--c5)}
.curve.c0{stroke:var(--c0)}.curve.c1{stroke:var(--c1)}.curve.c2{stroke:var(--c2)}.curve.c3{stroke:var(--c3)}.curve.c4{stroke:var(--c4)}.curve.c5{stroke:var(--c5)}
.bar.worst{fill:var(--line)}.bar.p99{fill:var(--c0);opacity:.5}.bar.median{fill:var(--c0)}
[hidden]{display:none!important}
@media (max-width:40rem){.tools .dim{display:none}body{padding:.6rem}dl{grid-template-columns:1fr}dd{margin-left:.8rem}table.stack thead{display:none}table.stack tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}table.stack td{display:block;white-space:normal;border:0;padding:.1rem 0;text-align:left}.tick{font-size:18px}}
@media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--dim:#444;--line:#bbb;--box:#fff;--link:#000;--bad:#8b0000;--warn:#5c3d00;--good:#0b4d1a;--mark:#e4e4e4;--c0:#00429d;--c1:#b35900;--c2:#116329;--c3:#6b3fa0;--c4:#93003a;--c5:#555}
body{max-width:none;padding:0;font-size:10pt}.tools,.skip,nav{display:none!important}a{text-decoration:none}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:7.5pt}
details::details-content{content-visibility:visible;block-size:auto;display:block}summary{list-style:none}h2,h3,summary{break-after:avoid}tr,figure{break-inside:avoid}}
`;
