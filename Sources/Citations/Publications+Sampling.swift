// SPDX-License-Identifier: GPL-3.0-or-later

/// Markov chains.
extension Publication {
  static let hybridMonteCarlo = Publication(
    key: "Duane1987",
    authors: ["Duane, S.", "Kennedy, A. D.", "Pendleton, B. J.", "Roweth, D."],
    title: "Hybrid Monte Carlo",
    venue: .journal("Phys. Lett. B", volume: "195", pages: "216–222"), year: 1987,
    doi: "10.1016/0370-2693(87)91197-X")

  static let omelyan = Publication(
    key: "Omelyan2003", authors: ["Omelyan, I. P.", "Mryglod, I. M.", "Folk, R."],
    title: "Symplectic analytically integrable decomposition algorithms: classification, "
      + "derivation, and application to molecular dynamics, quantum and celestial mechanics "
      + "simulations",
    venue: .journal("Comput. Phys. Commun.", volume: "151", pages: "272–314"), year: 2003,
    doi: "10.1016/S0010-4655(02)00754-3")

  static let fourierLangevin = Publication(
    key: "Batrouni1985",
    authors: [
      "Batrouni, G. G.", "Katz, G. R.", "Kronfeld, A. S.", "Lepage, G. P.", "Svetitsky, B.",
      "Wilson, K. G.",
    ],
    title: "Langevin simulations of lattice field theories",
    venue: .journal("Phys. Rev. D", volume: "32", pages: "2736–2747"), year: 1985,
    doi: "10.1103/PhysRevD.32.2736")

  static let fourierAcceleration = Publication(
    key: "Duane1986",
    authors: ["Duane, S.", "Kenway, R.", "Pendleton, B. J.", "Roweth, D."],
    title: "Acceleration of gauge field dynamics",
    venue: .journal("Phys. Lett. B", volume: "176", pages: "143–148"), year: 1986,
    doi: "10.1016/0370-2693(86)90940-8")

  static let langevinConvergence = Publication(
    key: "Roberts1996", authors: ["Roberts, G. O.", "Tweedie, R. L."],
    title: "Exponential convergence of Langevin distributions and their discrete approximations",
    venue: .journal("Bernoulli", volume: "2", pages: "341–363"), year: 1996,
    doi: "10.2307/3318418")

  static let metropolis = Publication(
    key: "Metropolis1953",
    authors: [
      "Metropolis, N.", "Rosenbluth, A. W.", "Rosenbluth, M. N.", "Teller, A. H.", "Teller, E.",
    ],
    title: "Equation of state calculations by fast computing machines",
    venue: .journal("J. Chem. Phys.", volume: "21", pages: "1087–1092"), year: 1953,
    doi: "10.1063/1.1699114")

  static let embeddedDynamics = Publication(
    key: "Brower1989", authors: ["Brower, R. C.", "Tamayo, P."],
    title: "Embedded dynamics for φ⁴ theory",
    venue: .journal("Phys. Rev. Lett.", volume: "62", pages: "1087–1090"), year: 1989,
    doi: "10.1103/PhysRevLett.62.1087")

  static let wolffCluster = Publication(
    key: "Wolff1989", authors: ["Wolff, U."],
    title: "Collective Monte Carlo updating for spin systems",
    venue: .journal("Phys. Rev. Lett.", volume: "62", pages: "361–364"), year: 1989,
    doi: "10.1103/PhysRevLett.62.361")

  static let dualAveraging = Publication(
    key: "Hoffman2014", authors: ["Hoffman, M. D.", "Gelman, A."],
    title: "The No-U-Turn Sampler: adaptively setting path lengths in Hamiltonian Monte Carlo",
    venue: .journal("J. Mach. Learn. Res.", volume: "15", pages: "1593–1623"), year: 2014,
    arXiv: "1111.4246")
}
