// SPDX-License-Identifier: GPL-3.0-or-later

/// The values of all sections of a file: one of each but `samplers`, of which there is one for each
/// sampler. A section that may be absent and is has no values.
struct SweepSections {
  /// Which of the sections.
  enum Place {
    case single(SweepSection)
    case sampler(Int)
  }

  var single: [SweepSection: SectionValues] = [:]
  var samplers: [SectionValues] = []
  var samplerNames: [String] = []
  /// False if a sampler has no legal name.
  var samplersAreNamed = true

  subscript(place: Place) -> SectionValues {
    get {
      switch place {
      case .sampler(let index): return samplers[index]
      case .single(let section):
        guard let values = single[section] else { preconditionFailure("no section \(section)") }
        return values
      }
    }
    set {
      switch place {
      case .single(let section): single[section] = newValue
      case .sampler(let index): samplers[index] = newValue
      }
    }
  }

  /// The section that a grid calls by this path, if it is there.
  func place(ofPath path: String) -> Place? {
    if let section = SweepSection(rawValue: path), single[section] != nil {
      return .single(section)
    }
    return samplers.firstIndex { $0.path == path }.map { .sampler($0) }
  }

  /// Remembers that something of this section was refused.
  mutating func markIncomplete(path: String) {
    if let place = place(ofPath: path) { self[place].isComplete = false }
  }

  /// Every path that a grid may vary.
  var variablePaths: [String] {
    let own = SweepKey.all.filter { $0.isVariable && $0.section != .samplers }.map(\.path)
    return own
      + samplers.flatMap { sampler in
        sampler.applicableKeys.filter(\.isVariable).map { sampler.fullPath($0.name) }
      }
  }
}
