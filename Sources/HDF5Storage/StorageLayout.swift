// SPDX-License-Identifier: GPL-3.0-or-later

/// Every name of a file, group, dataset and attribute that the storage itself gives, and the two
/// numbers that shape a dataset. All other names come from the `EnsembleLayout`.
public enum StorageLayout {
  /// The value of the root attribute `Conventions`.
  public static let conventions = "Driftfield-1.0"

  /// The index of virtual datasets over all segments of a run folder.
  public static let indexFile = "run.h5"
  /// The ending of a file that is still being written.
  public static let temporarySuffix = ".tmp"

  /// The name of the segment with a number: `seg-000000.h5`, `seg-000001.h5`, ...
  public static func segmentFile(_ number: Int) -> String {
    let digits = String(number)
    return "seg-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".h5"
  }

  /// The number of a segment file, or nil for any other file name.
  public static func segmentNumber(_ name: String) -> Int? {
    guard name.hasPrefix("seg-"), name.hasSuffix(".h5"),
      let number = Int(name.dropFirst(4).dropLast(3)), segmentFile(number) == name
    else { return nil }
    return number
  }

  /// Whether a file name is one that a killed writer may have left behind.
  static func isTemporary(_ name: String) -> Bool {
    guard name.hasSuffix(temporarySuffix) else { return false }
    let final = String(name.dropLast(temporarySuffix.count))
    return final == indexFile || segmentNumber(final) != nil
  }

  /// Dimension scales.
  enum Dimension {
    static let chain = "chain"
    static let chainLongName = "Number of the Markov chain"
    static func rowLongName(_ name: String) -> String { "Number of the \(name)" }
    static let member = "member"
    static let site = "site"
    /// How netCDF-4 marks a dimension that has a length and no coordinates; ten digits follow.
    static let withoutCoordinates = "This is a netCDF dimension but not a netCDF variable."
  }

  /// The group of the state to go on from.
  enum Restart {
    static let group = "restart"
    static let fields = "fields"
    static let integers = "integers"
    static let reals = "reals"
    static let longName = "State at the end of this file, to go on from"
    static let fieldsLongName = "Fields in double precision"
  }

  /// Root attributes that describe the file. The first two belong to the storage alone; the others
  /// are set unless the layout has them, and count as recorded.
  enum Root {
    static let conventions = "Conventions"
    static let complete = "complete"
    static let created = "created"
    static let host = "host"
    static let hdf5Version = "hdf5_version"
  }

  /// Attributes of a variable, after the CF conventions.
  enum Meaning {
    static let units = "units"
    static let longName = "long_name"
    static let definition = "definition"
    static let flagValues = "flag_values"
    static let flagMeanings = "flag_meanings"
  }

  /// Attributes from which the `EnsembleLayout` is read back.
  enum Structure {
    /// No other attribute may begin with this.
    static let prefix = "driftfield_"
    /// Root: `segment`, `index` or `packed`.
    static let role = prefix + "role"
    /// Root: the number of this segment.
    static let segment = prefix + "segment"
    /// Root: the number of chains.
    static let chains = prefix + "chains"
    /// Root: the paths of the tables, of the descriptions, and of groups that were only recorded.
    static let tables = prefix + "tables"
    static let descriptions = prefix + "descriptions"
    static let recordedGroups = prefix + "recorded_groups"
    /// Table: the name of its row axis, whether it has a chain axis (1 or 0), its variables.
    static let row = prefix + "row"
    static let perChain = prefix + "per_chain"
    static let variables = prefix + "variables"
    /// Any group: the attributes that were recorded after the layout was fixed.
    static let recorded = prefix + "recorded"
    /// Any group: what the layout gave for an attribute that was recorded anew.
    static let initial = prefix + "initial_"
  }

  enum Role: String {
    case segment, index, packed
  }

  /// Bytes in a chunk of a dataset, at most; chunks are at least half of it where the data allow.
  static let chunkBytes = 1 << 18

  /// The extents of a chunk: whole trailing axes first, as many as fit, cut into even pieces.
  static func chunk(of extents: [Int], bytesPerNumber: Int) -> [Int] {
    var room = max(1, chunkBytes / bytesPerNumber)
    var chunk = extents.map { max($0, 1) }
    for axis in extents.indices.reversed() where extents[axis] > 0 {
      let largest = min(extents[axis], room)
      let pieces = (extents[axis] + largest - 1) / largest
      chunk[axis] = (extents[axis] + pieces - 1) / pieces
      room = max(1, room / chunk[axis])
    }
    return chunk
  }
}
