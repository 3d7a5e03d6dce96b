// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Ensembles

/// The group `/restart`: fields as a dataset (member, site), counters and reals as the attributes of
/// two groups below it.
extension HDF5Session {
  func write(_ state: RestartState, to file: hid_t) throws {
    typealias Restart = StorageLayout.Restart
    typealias Dimension = StorageLayout.Dimension
    typealias Meaning = StorageLayout.Meaning
    try scope { session in
      let group = try session.makeGroup(Restart.group, in: file)
      try session.write(.text(Restart.longName), named: Meaning.longName, to: group)
      let path = Restart.group + "/" + Restart.fields
      let extents = [state.fields.count, state.fields.dimension]
      let fields = try session.makeDataset(
        path, .float64, extents: extents, storage: .own, in: file)
      let scales = try zip([Dimension.member, Dimension.site], extents).map { name, extent in
        let scale = try session.makeDataset(
          Restart.group + "/" + name, .float32, extents: [extent], storage: .scale, in: file)
        let digits = String(extent)
        try session.makeScale(
          scale,
          named: Dimension.withoutCoordinates
            + String(repeating: " ", count: max(1, 11 - digits.count)) + digits)
        return scale
      }
      try session.attach(scales, to: fields, path)
      try session.write(.text(Restart.fieldsLongName), named: Meaning.longName, to: fields)
      try session.write(state.fields.values, to: fields, path)
      let integers = try session.makeGroup(Restart.group + "/" + Restart.integers, in: file)
      try session.write(state.integers.mapValues { .integer($0) }, to: integers)
      let reals = try session.makeGroup(Restart.group + "/" + Restart.reals, in: file)
      try session.write(state.reals.mapValues { .reals($0) }, to: reals)
    }
  }

  func readRestart(from file: hid_t) throws -> RestartState {
    typealias Restart = StorageLayout.Restart
    return try scope { session in
      let path = Restart.group + "/" + Restart.fields
      let fields = try session.openDataset(path, in: file)
      let extents = try session.extents(of: fields, path)
      guard extents.count == 2 else {
        throw StorageError(file: self.file, action: "/\(path) does not have two axes")
      }
      let values = try session.readReals(path, in: file)
      let integers = try session.attributes(
        of: session.openGroup(Restart.group + "/" + Restart.integers, in: file))
      let reals = try session.attributes(
        of: session.openGroup(Restart.group + "/" + Restart.reals, in: file))
      var state = RestartState(
        fields: Configurations(count: extents[0], dimension: extents[1], values: values),
        integers: [:])
      for case (let name, .integer(let number)) in integers { state.integers[name] = number }
      for case (let name, .reals(let numbers)) in reals { state.reals[name] = numbers }
      return state
    }
  }
}
