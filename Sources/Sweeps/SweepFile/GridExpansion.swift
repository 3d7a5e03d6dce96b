// SPDX-License-Identifier: GPL-3.0-or-later

/// The runs of a sweep: its samplers at each point of the grid.
struct GridExpansion {
  let problems: ProblemCollector
  let sections: SweepSections
  let axes: [GridAxis]
  let gridMark: SourceMark

  /// One point of some of the axes.
  private struct Point {
    /// For each axis of the grid which of its values, 0 if it does not belong to this point.
    var choices: [Int]
    var label: String
  }

  /// What all samplers share at one point.
  private struct Surroundings {
    var point: Point
    var sections: SweepSections
    var seed: UInt64?
    var theory: TheorySpecification?
    var extents: [Int]?
    var measurement: MeasurementSpecification?
    var configurations: ConfigurationSpecification?
    var monitor: MonitorSpecification?
  }

  /// A sampler at one point of the axes of its own.
  private struct SamplerPoint {
    var position: Int
    var point: Point
    var values: SectionValues
    var specification: SamplerSpecification
  }

  /// All runs in order; fewer after a problem.
  func runs() -> [RunSpecification] {
    guard isSmallEnough else {
      problems.report(
        "the grid makes more than \(SweepDefinition.largestRunCount) runs", at: gridMark)
      return []
    }
    let shared = points(sampler: nil).map(surroundings(at:))
    let own = sections.samplers.indices.flatMap(samplerPoints)
    var runs: [(order: [Int], run: RunSpecification)] = []
    for surroundings in shared {
      for sampler in own {
        guard let run = run(sampler, in: surroundings) else { continue }
        let choices = zip(surroundings.point.choices, sampler.point.choices).map { max($0, $1) }
        runs.append((choices + [sampler.position], run))
      }
    }
    runs.sort { $0.order.lexicographicallyPrecedes($1.order) }
    return runs.enumerated().map { index, entry in
      var run = entry.run
      run.index = index
      return run
    }
  }

  private func axisIndices(sampler: Int?) -> [Int] {
    axes.indices.filter { axes[$0].sampler == sampler }
  }

  /// The first of the axes that go together, which all of them follow.
  private var leader: Int? { axes.firstIndex(where: \.isTogether) }

  /// Whether the axis takes the choice of the leader.
  private func follows(_ axis: Int) -> Bool { axes[axis].isTogether && axis != leader }

  private var isSmallEnough: Bool {
    func size(_ sampler: Int?) -> Int? {
      var size = 1
      for axis in axisIndices(sampler: sampler) where !follows(axis) {
        size *= axes[axis].values.count
        if size > SweepDefinition.largestRunCount { return nil }
      }
      return size
    }
    guard let shared = size(nil) else { return false }
    var own = 0
    for sampler in sections.samplers.indices {
      guard let size = size(sampler) else { return false }
      own += size
    }
    return shared * max(own, 1) <= SweepDefinition.largestRunCount
  }

  /// The points of the axes of one sampler, or of those that belong to all; the first axis varies
  /// slowest.
  private func points(sampler: Int?) -> [Point] {
    var points = [Point(choices: Array(repeating: 0, count: axes.count), label: "")]
    for axis in axisIndices(sampler: sampler) {
      points = points.flatMap { point in
        let all = Array(axes[axis].values.enumerated())
        let open = follows(axis) ? [all[point.choices[leader ?? axis]]] : all
        return open.map { choice, value in
          var next = point
          next.choices[axis] = choice
          let part = "\(axes[axis].label)=\(value.content.label)"
          next.label += next.label.isEmpty ? part : " " + part
          return next
        }
      }
    }
    return points
  }

  private func surroundings(at point: Point) -> Surroundings {
    var here = sections
    for axis in axisIndices(sampler: nil) {
      here.single[axes[axis].key.section]?.values[axes[axis].key.name] =
        axes[axis].values[point.choices[axis]]
    }
    let assembly = SpecificationAssembly(problems: problems)
    let extents = here.single[.lattice].flatMap {
      assembly.extents($0, gridPoint: point.label)
    }
    return Surroundings(
      point: point, sections: here,
      seed: here.single[.top].flatMap { $0.values["seed"].map { UInt64($0.content.integer) } },
      theory: here.single[.theory].flatMap {
        assembly.theory($0, dimensions: extents?.count, gridPoint: point.label)
      }, extents: extents, measurement: here.single[.measure].flatMap { assembly.measurement($0) },
      configurations: here.single[.configurations].flatMap { assembly.configurations($0) },
      monitor: here.single[.monitor].flatMap { assembly.monitor($0) })
  }

  private func samplerPoints(_ position: Int) -> [SamplerPoint] {
    let line = couplingLine(sections.samplers[position])
    return points(sampler: position).compactMap { point in
      var sampler = sections.samplers[position]
      for axis in axisIndices(sampler: position) {
        sampler.values[axes[axis].key.name] = axes[axis].values[point.choices[axis]]
      }
      let specification = SpecificationAssembly(problems: problems).sampler(
        sampler, name: sections.samplerNames[position], line: line, gridPoint: point.label)
      return specification.map {
        SamplerPoint(position: position, point: point, values: sampler, specification: $0)
      }
    }
  }

  /// The theories that share a training of the sampler: the couplings of the grid, of which there must be
  /// one.
  private func couplingLine(_ sampler: SectionValues) -> CouplingLine? {
    guard sampler.has("amortised"), sections.single[.theory]?.isComplete == true else { return nil }
    let couplings = axes.filter { axis in
      axis.sampler == nil && axis.key.section == .theory
        && CouplingLine.Key(rawValue: axis.key.name) != nil
    }
    guard couplings.count == 1, couplings[0].values.count >= 2,
      let key = CouplingLine.Key(rawValue: couplings[0].key.name)
    else {
      let got =
        couplings.isEmpty
        ? "none"
        : couplings.count == 1
          ? "a single value" : couplings.map(\.key.path).joined(separator: " and ")
      problems.report(
        "'\(sampler.fullPath("amortised"))' needs one coupling in 'grid', with two values or more, "
          + "got \(got)", at: sampler.mark(of: "amortised"))
      return nil
    }
    let values = couplings[0].values.map(\.content.real)
    guard let least = values.min(), let most = values.max() else { return nil }
    return CouplingLine(
      key: key, range: least...most, nodes: sampler.content("amortised").integer)
  }

  private func run(_ sampler: SamplerPoint, in surroundings: Surroundings) -> RunSpecification? {
    let label = [surroundings.point.label, sampler.specification.name, sampler.point.label]
      .filter { !$0.isEmpty }.joined(separator: " ")
    let isOnlyOne = axes.isEmpty && sections.samplers.count == 1
    let assembly = SpecificationAssembly(problems: problems)
    for section in [SweepSection.measure, .configurations] {
      assembly.checkLength(
        of: sampler.specification, against: surroundings.sections.single[section],
        gridPoint: isOnlyOne ? "" : label)
    }
    if let theory = surroundings.sections.single[.theory], let extents = surroundings.extents {
      assembly.checkStops(
        of: sampler.values, in: theory, dimensions: extents.count,
        gridPoint: isOnlyOne ? "" : label)
      assembly.checkCurve(
        of: sampler.values, in: theory, gridPoint: isOnlyOne ? "" : label)
    }
    guard let seed = surroundings.seed, let theory = surroundings.theory,
      let extents = surroundings.extents, let measurement = surroundings.measurement,
      let monitor = surroundings.monitor
    else { return nil }
    return RunSpecification(
      index: 0, label: label, seed: seed, theory: theory, extents: extents,
      sampler: sampler.specification, measurement: measurement,
      configurations: surroundings.configurations, monitor: monitor)
  }
}
