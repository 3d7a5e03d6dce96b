// SPDX-License-Identifier: GPL-3.0-or-later

/// Observables, errors, and what joins or resamples ensembles afterwards.
extension Publication {
  static let binderCumulant = Publication(
    key: "Binder1981", authors: ["Binder, K."],
    title: "Finite size scaling analysis of Ising model block distribution functions",
    venue: .journal("Z. Phys. B", volume: "43", pages: "119–140"), year: 1981,
    doi: "10.1007/BF01293604")

  static let secondMomentLength = Publication(
    key: "Cooper1982", authors: ["Cooper, F.", "Freedman, B.", "Preston, D."],
    title: "Solving φ⁴₁,₂ field theory with Monte Carlo",
    venue: .journal("Nucl. Phys. B", volume: "210", pages: "210–228"), year: 1982)

  static let gammaMethod = Publication(
    key: "Wolff2004", authors: ["Wolff, U."], title: "Monte Carlo errors with less errors",
    venue: .journal("Comput. Phys. Commun.", volume: "156", pages: "143–153"), year: 2004,
    doi: "10.1016/S0010-4655(03)00467-3", arXiv: "hep-lat/0306017")

  static let effectiveSampleSize = Publication(
    key: "Kish1965", authors: ["Kish, L."], title: "Survey Sampling",
    venue: .book(publisher: "Wiley"), year: 1965)

  static let paretoShape = Publication(
    key: "Vehtari2024",
    authors: ["Vehtari, A.", "Simpson, D.", "Gelman, A.", "Yao, Y.", "Gabry, J."],
    title: "Pareto smoothed importance sampling",
    venue: .journal("J. Mach. Learn. Res.", volume: "25", pages: "72"), year: 2024,
    arXiv: "1507.02646")

  static let acceptanceRatio = Publication(
    key: "Bennett1976", authors: ["Bennett, C. H."],
    title: "Efficient estimation of free energy differences from Monte Carlo data",
    venue: .journal("J. Comput. Phys.", volume: "22", pages: "245–268"), year: 1976,
    doi: "10.1016/0021-9991(76)90078-4")

  static let multistate = Publication(
    key: "Shirts2008", authors: ["Shirts, M. R.", "Chodera, J. D."],
    title: "Statistically optimal analysis of samples from multiple equilibrium states",
    venue: .journal("J. Chem. Phys.", volume: "129", pages: "124105"), year: 2008,
    doi: "10.1063/1.2978177", arXiv: "0801.1426")

  static let multipleHistograms = Publication(
    key: "Ferrenberg1989", authors: ["Ferrenberg, A. M.", "Swendsen, R. H."],
    title: "Optimized Monte Carlo data analysis",
    venue: .journal("Phys. Rev. Lett.", volume: "63", pages: "1195–1198"), year: 1989,
    doi: "10.1103/PhysRevLett.63.1195")

  static let isingExponents = Publication(
    key: "Hasenbusch2010", authors: ["Hasenbusch, M."],
    title:
      "Finite size scaling study of lattice models in the three-dimensional Ising universality class",
    venue: .journal("Phys. Rev. B", volume: "82", pages: "174433"), year: 2010,
    doi: "10.1103/PhysRevB.82.174433", arXiv: "1004.4486")

  static let isingRatios = Publication(
    key: "Salas2000", authors: ["Salas, J.", "Sokal, A. D."],
    title: "Universal amplitude ratios in the critical two-dimensional Ising model on a torus",
    venue: .journal("J. Stat. Phys.", volume: "98", pages: "551–588"), year: 2000,
    arXiv: "cond-mat/9904038")

  static let hastings = Publication(
    key: "Hastings1970", authors: ["Hastings, W. K."],
    title: "Monte Carlo sampling methods using Markov chains and their applications",
    venue: .journal("Biometrika", volume: "57", pages: "97–109"), year: 1970,
    doi: "10.1093/biomet/57.1.97")

  static let particleChains = Publication(
    key: "Andrieu2010", authors: ["Andrieu, C.", "Doucet, A.", "Holenstein, R."],
    title: "Particle Markov chain Monte Carlo methods",
    venue: .journal("J. R. Stat. Soc. B", volume: "72", pages: "269–342"), year: 2010,
    doi: "10.1111/j.1467-9868.2009.00736.x")

  static let iteratedResampling = Publication(
    key: "Andrieu2018", authors: ["Andrieu, C.", "Lee, A.", "Vihola, M."],
    title: "Uniform ergodicity of the iterated conditional SMC and geometric ergodicity of "
      + "particle Gibbs samplers",
    venue: .journal("Bernoulli", volume: "24", pages: "842–872"), year: 2018,
    doi: "10.3150/15-BEJ785")

  static let higherOrderRenormalisation = Publication(
    key: "Xie2012",
    authors: ["Xie, Z. Y.", "Chen, J.", "Qin, M. P.", "Zhu, J. W.", "Yang, L. P.", "Xiang, T."],
    title: "Coarse-graining renormalization by higher-order singular value decomposition",
    venue: .journal("Phys. Rev. B", volume: "86", pages: "045139"), year: 2012,
    doi: "10.1103/PhysRevB.86.045139", arXiv: "1201.1144")

  static let scalarTensorNetwork = Publication(
    key: "Kadoh2019",
    authors: [
      "Kadoh, D.", "Kuramashi, Y.", "Nakamura, Y.", "Sakai, R.", "Takeda, S.", "Yoshimura, Y.",
    ],
    title: "Tensor network analysis of critical coupling in two dimensional φ⁴ theory",
    venue: .journal("JHEP", volume: "05", pages: "184"), year: 2019,
    doi: "10.1007/JHEP05(2019)184", arXiv: "1811.12376")

  static let boundaryRenormalisation = Publication(
    key: "Iino2019", authors: ["Iino, S.", "Morita, S.", "Kawashima, N."],
    title: "Boundary tensor renormalization group",
    venue: .journal("Phys. Rev. B", volume: "100", pages: "035449"), year: 2019,
    doi: "10.1103/PhysRevB.100.035449")
}
