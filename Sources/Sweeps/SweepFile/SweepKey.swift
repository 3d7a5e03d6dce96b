// SPDX-License-Identifier: GPL-3.0-or-later

/// A part of a sweep file that has keys of its own.
public enum SweepSection: String, Sendable, CaseIterable {
  /// Keys that stand at the left margin.
  case top = ""
  case theory, lattice, samplers, measure, configurations, checkpoint, monitor
}

/// One key of a sweep file: where it stands, what it may be, and what it means. The table
/// `SweepKey.all` is what files are read by, what messages quote and what the manual is made of.
public struct SweepKey: Sendable, Equatable {
  /// What happens when the key is absent.
  public enum Presence: Sendable, Equatable {
    case required
    /// The value it then has, as it would be written.
    case fixed(String)
    /// What happens then, in words.
    case otherwise(String)
  }

  /// The key belongs only to sections in which `selector` has one of these values. A section to
  /// which the selector itself does not belong meets the condition.
  public struct Applicability: Sendable, Equatable {
    public var selector: String
    public var values: [String]
  }

  public var section: SweepSection
  public var name: String
  public var kind: ValueKind
  public var presence: Presence
  /// Whether a grid may vary it.
  public var isVariable: Bool
  /// Conditions that must all be met.
  public var applicability: [Applicability]
  /// One sentence without a full stop.
  public var meaning: String

  /// The dotted path as a grid writes it, with `NAME` for the name of a sampler.
  public var path: String { path(sampler: "NAME") }

  func path(sampler: String) -> String {
    switch section {
    case .top: name
    case .samplers: "samplers.\(sampler).\(name)"
    default: "\(section.rawValue).\(name)"
    }
  }
}
