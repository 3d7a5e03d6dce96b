// SPDX-License-Identifier: GPL-3.0-or-later

/// How a page looks: on a screen in light and dark, on a phone, and on paper.
///
/// The colours of data are those of M. Okabe and K. Ito, Color Universal Design (2008), darker or
/// lighter where contrast needs it.
enum Stylesheet {
  static let text = colors + typography + tables + pictures + paper

  private static let colors = """
    :root {
      color-scheme: light dark;
      --paper: #ffffff; --ink: #1c1e21; --soft: #5a6068; --line: #d5d9de; --wash: #f4f6f8;
      --link: #0b5cad; --doubt: #b3261e;
      --good: #1b7f4d; --mixed: #a86a00; --bad: #b3261e;
      --c0: #0072b2; --c1: #d55e00; --c2: #00805f; --c3: #b3508a; --c4: #b07c00; --c5: #3a93c9;
      --c6: #6b4fbb; --c7: #5a6068;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #14171a; --ink: #e4e7ea; --soft: #a0a7af; --line: #343a41; --wash: #1d2126;
        --link: #7cb7f2; --doubt: #ff8a80;
        --good: #5fd39a; --mixed: #f0b64c; --bad: #ff8a80;
        --c0: #56b4e9; --c1: #f28c3c; --c2: #2fc79a; --c3: #e39ac4; --c4: #e6b422; --c5: #8fcdf2;
        --c6: #b3a1f0; --c7: #a0a7af;
      }
    }

    """

  private static let typography = """
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0 auto; max-width: 72rem; padding: 0 1.25rem 4rem;
      background: var(--paper); color: var(--ink);
      font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans",
        sans-serif;
    }
    header { padding: 2.5rem 0 0; }
    h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .25rem; max-width: 40rem; font-weight: 650; letter-spacing: -.01em; }
    h2 { font-size: 1.35rem; line-height: 1.25; margin: 3rem 0 .75rem; padding-top: .9rem; border-top: 1px solid var(--line); font-weight: 620; }
    h3 { font-size: 1.05rem; margin: 1.4rem 0 .3rem; font-weight: 620; }
    h1, h2, p, li, dd, figcaption, caption, summary { overflow-wrap: anywhere; }
    p, ul, ol, figcaption, caption { max-width: 44rem; }
    p { margin: .6rem 0; }
    a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .15em; }
    sub { font-size: .72em; line-height: 0; }
    .byline, .aside, footer { color: var(--soft); }
    .byline { margin: 0; }
    nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: 1rem 0 0; padding: 0; max-width: none; }
    .verdict { border-left: 4px solid var(--soft); background: var(--wash); padding: .9rem 1.1rem; border-radius: 0 6px 6px 0; max-width: 48rem; font-size: 1.05rem; }
    .verdict.good { border-color: var(--good); }
    .verdict.mixed { border-color: var(--mixed); }
    .verdict.bad { border-color: var(--bad); }
    dl { margin: 1rem 0; }
    dl div { display: grid; grid-template-columns: 10rem minmax(0, 1fr); gap: 0 1rem; padding: .22rem 0; }
    dt { color: var(--soft); }
    dd { margin: 0; max-width: 44rem; font-variant-numeric: tabular-nums; }
    code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; }
    pre { background: var(--wash); padding: .9rem 1rem; overflow-x: auto; border-radius: 6px; line-height: 1.45; margin: .5rem 0; }
    details { margin: 1rem 0; }
    summary { cursor: pointer; color: var(--link); }
    li { margin: .3rem 0; }
    footer { margin-top: 3rem; border-top: 1px solid var(--line); font-size: .9rem; }
    :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }

    """

  private static let tables = """
    .scroll { overflow-x: auto; margin: 1.4rem 0; }
    table { border-collapse: collapse; font-size: .9rem; line-height: 1.4; font-variant-numeric: tabular-nums lining-nums; }
    caption { text-align: left; padding: 0 0 .5rem; color: var(--soft); caption-side: top; width: max-content; max-width: min(44rem, 90vw); position: sticky; left: 0; }
    th, td { padding: .24rem .55rem; text-align: left; white-space: nowrap; vertical-align: top; }
    th:first-child, td:first-child { padding-left: .2rem; }
    th { font-weight: 500; }
    thead th { border-bottom: 1.5px solid var(--ink); vertical-align: bottom; font-weight: 600; }
    tbody tr:last-child > * { border-bottom: 1px solid var(--line); }
    tr.heading th { padding-top: .7rem; font-weight: 600; background: none; }
    tr.heading span { position: sticky; left: .2rem; }
    tr.heading .aside { font-weight: 400; position: static; }
    td.n { text-align: right; }
    th.n { text-align: right; }
    td.n .doubt { margin-right: -.62em; }
    .free { display: inline-block; white-space: normal; min-width: 18rem; max-width: 40rem; }
    .doubt { color: var(--doubt); font-weight: 700; text-decoration: none; cursor: help; }

    """

  private static let pictures = """
    figure { margin: 1.8rem 0; }
    figcaption { color: var(--soft); font-size: .92rem; margin-top: .4rem; }
    .panels { display: grid; gap: 1rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
    .panels.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 28rem)); }
    figcaption strong { color: var(--ink); font-weight: 600; }
    svg { display: block; width: 100%; height: auto; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
    svg text { fill: var(--ink); }
    svg .head { font-weight: 600; font-size: 12.5px; }
    svg .tick, svg .key { font-size: 11.5px; }
    svg .tick { fill: var(--soft); }
    svg .below { font-size: 9px; }
    svg .middle { text-anchor: middle; }
    svg .end { text-anchor: end; }
    svg .grid { stroke: var(--line); stroke-width: .6; fill: none; }
    svg .axis { stroke: var(--soft); stroke-width: 1; fill: none; }
    svg .rule { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3; fill: none; }
    svg .stretch { fill: var(--soft); opacity: .14; }
    svg .line { stroke: currentColor; stroke-width: 1.4; fill: none; stroke-linejoin: round; }
    svg .bar { stroke: currentColor; stroke-width: 1.2; fill: none; }
    svg .mark { fill: currentColor; stroke: currentColor; stroke-width: 1.2; }
    svg .doubtful { fill: var(--paper); }
    svg .area { fill: currentColor; opacity: .16; }
    svg .ink { color: var(--ink); }
    svg .c0 { color: var(--c0); } svg .c1 { color: var(--c1); } svg .c2 { color: var(--c2); }
    svg .c3 { color: var(--c3); } svg .c4 { color: var(--c4); } svg .c5 { color: var(--c5); }
    svg .c6 { color: var(--c6); } svg .c7 { color: var(--c7); }
    @media (max-width: 34rem) {
      body { padding: 0 1rem 3rem; }
      header { padding-top: 1.5rem; }
      h1 { font-size: 1.55rem; }
      dl div { grid-template-columns: minmax(0, 1fr); }
    }

    """

  /// On paper everything is white, open and whole: folded files that matter are shown, tables shrink
  /// instead of scrolling.
  private static let paper = """
    @page { margin: 16mm 14mm; }
    @media print {
      :root {
        color-scheme: light;
        --paper: #ffffff; --ink: #000000; --soft: #444444; --line: #cccccc; --wash: #ffffff;
        --link: #000000; --doubt: #b3261e; --good: #1b7f4d; --mixed: #a86a00; --bad: #b3261e;
        --c0: #0072b2; --c1: #d55e00; --c2: #00805f; --c3: #b3508a; --c4: #b07c00; --c5: #3a93c9;
        --c6: #6b4fbb; --c7: #5a6068;
      }
      html { font-size: 9.5pt; }
      body { max-width: none; padding: 0; }
      header { padding-top: 0; }
      nav, details.screen { display: none; }
      h2, h3, tr.heading, thead { break-after: avoid; }
      h2 { margin-top: 1.5rem; }
      .verdict { border: 1px solid var(--line); border-left-width: 4px; }
      .scroll { overflow: visible; }
      table { font-size: 7.4pt; width: 100%; }
      th, td { padding: .12rem .3rem; white-space: normal; }
      td.n, th[scope=row] { white-space: nowrap; }
      caption { max-width: 100%; width: auto; }
      thead { display: table-header-group; }
      tr, .panel, .verdict { break-inside: avoid; }
      figcaption { break-before: avoid; }
      .free { min-width: 0; }
      .panels, .panels.wide { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      pre { white-space: pre-wrap; overflow: visible; padding: 0; }
      details::details-content { content-visibility: visible; display: block; height: auto; }
      summary { color: var(--ink); font-weight: 600; list-style: none; }
      a { text-decoration: none; }
    }

    """
}
