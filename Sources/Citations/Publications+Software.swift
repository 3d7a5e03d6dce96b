// SPDX-License-Identifier: GPL-3.0-or-later

/// Programs and generators.
extension Publication {
  /// Driftfield itself. `CITATION.cff` says the same of its present version.
  public static func driftfield(version: String?) -> Publication {
    Publication(
      key: "Driftfield", authors: ["The Driftfield authors"], title: "Driftfield",
      venue: .software(version: version))
  }

  static let philox = Publication(
    key: "Salmon2011",
    authors: ["Salmon, J. K.", "Moraes, M. A.", "Dror, R. O.", "Shaw, D. E."],
    title: "Parallel random numbers: as easy as 1, 2, 3",
    venue: .proceedings(
      "SC ’11: Proceedings of 2011 International Conference for High Performance Computing, "
        + "Networking, Storage and Analysis", pages: nil),
    year: 2011, doi: "10.1145/2063384.2063405")

  static let fftw = Publication(
    key: "Frigo2005", authors: ["Frigo, M.", "Johnson, S. G."],
    title: "The design and implementation of FFTW3",
    venue: .journal("Proc. IEEE", volume: "93", pages: "216–231"), year: 2005,
    doi: "10.1109/JPROC.2004.840301")

  static let hdf5 = Publication(
    key: "HDF5", authors: ["The HDF Group"], title: "Hierarchical Data Format, version 5",
    venue: .software(version: nil))
}
