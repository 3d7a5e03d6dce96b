// SPDX-License-Identifier: GPL-3.0-or-later

/// Walkers with weights, and what carries them.
extension Publication {
  static let annealedImportanceSampling = Publication(
    key: "Neal2001", authors: ["Neal, R. M."], title: "Annealed importance sampling",
    venue: .journal("Stat. Comput.", volume: "11", pages: "125–139"), year: 2001,
    doi: "10.1023/A:1008923215028", arXiv: "physics/9803008")

  static let jarzynski = Publication(
    key: "Jarzynski1997", authors: ["Jarzynski, C."],
    title: "Nonequilibrium equality for free energy differences",
    venue: .journal("Phys. Rev. Lett.", volume: "78", pages: "2690–2693"), year: 1997,
    doi: "10.1103/PhysRevLett.78.2690", arXiv: "cond-mat/9610209")

  static let crooks = Publication(
    key: "Crooks1998", authors: ["Crooks, G. E."],
    title: "Nonequilibrium measurements of free energy differences for microscopically "
      + "reversible Markovian systems",
    venue: .journal("J. Stat. Phys.", volume: "90", pages: "1481–1487"), year: 1998,
    doi: "10.1023/A:1023208217925")

  static let crooksTheorem = Publication(
    key: "Crooks1999", authors: ["Crooks, G. E."],
    title: "Entropy production fluctuation theorem and the nonequilibrium work relation for free "
      + "energy differences",
    venue: .journal("Phys. Rev. E", volume: "60", pages: "2721–2726"), year: 1999,
    doi: "10.1103/PhysRevE.60.2721", arXiv: "cond-mat/9901352")

  static let candidateMonteCarlo = Publication(
    key: "Nilmeier2011",
    authors: ["Nilmeier, J. P.", "Crooks, G. E.", "Minh, D. D. L.", "Chodera, J. D."],
    title: "Nonequilibrium candidate Monte Carlo is an efficient tool for equilibrium simulation",
    venue: .journal("Proc. Natl. Acad. Sci. U.S.A.", volume: "108", pages: "E1009–E1018"),
    year: 2011, doi: "10.1073/pnas.1106094108")

  static let discreteLangevin = Publication(
    key: "Sivak2013", authors: ["Sivak, D. A.", "Chodera, J. D.", "Crooks, G. E."],
    title: "Using nonequilibrium fluctuation theorems to understand and correct errors in "
      + "equilibrium and nonequilibrium simulations of discrete Langevin dynamics",
    venue: .journal("Phys. Rev. X", volume: "3", pages: "011007"), year: 2013,
    doi: "10.1103/PhysRevX.3.011007")

  static let langevinSplittings = Publication(
    key: "Leimkuhler2013", authors: ["Leimkuhler, B.", "Matthews, C."],
    title: "Rational construction of stochastic numerical methods for molecular sampling",
    venue: .journal("Appl. Math. Res. Express", volume: "2013", pages: "34–56"), year: 2013,
    doi: "10.1093/amrx/abs010")

  static let accurateLangevin = Publication(
    key: "Bussi2007", authors: ["Bussi, G.", "Parrinello, M."],
    title: "Accurate sampling using Langevin dynamics",
    venue: .journal("Phys. Rev. E", volume: "75", pages: "056707"), year: 2007,
    doi: "10.1103/PhysRevE.75.056707")

  static let sequentialMonteCarlo = Publication(
    key: "DelMoral2006", authors: ["Del Moral, P.", "Doucet, A.", "Jasra, A."],
    title: "Sequential Monte Carlo samplers",
    venue: .journal("J. R. Stat. Soc. B", volume: "68", pages: "411–436"), year: 2006,
    doi: "10.1111/j.1467-9868.2006.00553.x")

  static let resamplingSchemes = Publication(
    key: "Douc2005", authors: ["Douc, R.", "Cappé, O.", "Moulines, E."],
    title: "Comparison of resampling schemes for particle filtering", venue: .preprint,
    year: 2005, arXiv: "cs/0507025")

  static let adaptiveSchedule = Publication(
    key: "Zhou2016", authors: ["Zhou, Y.", "Johansen, A. M.", "Aston, J. A. D."],
    title: "Toward automatic model comparison: an adaptive sequential Monte Carlo approach",
    venue: .journal("J. Comput. Graph. Stat.", volume: "25", pages: "701–726"), year: 2016,
    doi: "10.1080/10618600.2015.1060885")

  static let transport = Publication(
    key: "Albergo2024", authors: ["Albergo, M. S.", "Vanden-Eijnden, E."],
    title: "NETS: a non-equilibrium transport sampler", venue: .preprint, year: 2024,
    arXiv: "2410.02711")

  static let adam = Publication(
    key: "Kingma2014", authors: ["Kingma, D. P.", "Ba, J."],
    title: "Adam: a method for stochastic optimization", venue: .preprint, year: 2014,
    arXiv: "1412.6980")

  static let barycentricInterpolation = Publication(
    key: "Berrut2004", authors: ["Berrut, J.-P.", "Trefethen, L. N."],
    title: "Barycentric Lagrange interpolation",
    venue: .journal("SIAM Rev.", volume: "46", pages: "501–517"), year: 2004,
    doi: "10.1137/S0036144502417715")
}
