// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Ensembles
import Foundation

let usage = """
  usage: driftfield-bench [--json FILE] [--seconds S] [--rate | --normals | --threads | --annealing |
                          --annealing-rate | --transport | --transport-rate | --training |
                          --densities | --network | --network-rate CHANNELS |
                          --network-probe-rate CHANNELS]
    --json FILE   also write the table as JSON
    --seconds S   time spent on each case (default 1)
    --rate        only the case that is compared with other programs (64 chains of 64x64, 20 steps);
                  prints its rate in 10^6 site updates a second
    --normals     only the standard normals
    --threads     only HMC and annealing with one thread and with two
    --annealing   only annealed Langevin steps: their parts and the whole
    --annealing-rate
                  only their rate in 10^6 site updates a second
    --transport   only steps of the Non-Equilibrium Transport Sampler: their parts and the whole
    --transport-rate
                  only the rate of those that are compared with other programs (four sines, rk2,
                  Langevin step) in 10^6 site updates a second
    --training    only the training of a drift in closed form, on two threads
    --densities   only the transport sampler on densities of low dimension: effective sample sizes,
                  log Z and distances to exact samples, with two threads (minutes)
    --network     only training steps of a drift network
    --network-rate CHANNELS, --network-probe-rate CHANNELS
                  only their steps a second of processor time, with the exact divergence or with a probe
  """

func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data("driftfield-bench: \(message)\n\(usage)\n".utf8))
  exit(2)
}

var file: String?
var seconds = 1.0
var onlyRate = false
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--json":
    guard let name = arguments.popFirst() else { fail("--json needs a file name") }
    file = name
  case "--seconds":
    guard let text = arguments.popFirst(), let value = Double(text), value > 0, value < 100 else {
      fail("--seconds needs a number above 0 and below 100")
    }
    seconds = value
  case "--rate": onlyRate = true
  case "--normals":
    Normals.show(seconds: seconds)
    exit(0)
  case "--threads":
    ThreadScaling.show()
    print()
    AnnealingSteps().showThreads(seconds: seconds)
    exit(0)
  case "--annealing":
    AnnealingSteps().show(seconds: seconds)
    exit(0)
  case "--annealing-rate":
    print(String(format: "%.1f", AnnealingSteps().rate(seconds: seconds)))
    exit(0)
  case "--transport":
    TransportSteps.showAll(seconds: seconds)
    print()
    TrainingTime.show()
    exit(0)
  case "--transport-rate":
    let compared = TransportSteps(.sines, .langevin, .rk2)
    print(String(format: "%.1f", compared.rate(seconds: seconds)))
    exit(0)
  case "--densities":
    do {
      try DensityTable(walkers: 10_000, workers: Workers(2)).show()
    } catch {
      fail("\(error)")
    }
    exit(0)
  case "--training":
    TrainingTime.show()
    exit(0)
  case "--network":
    NetworkStep.show(seconds: seconds)
    exit(0)
  case "--network-rate", "--network-probe-rate":
    guard let text = arguments.popFirst(), let channels = Int(text), (1...64).contains(channels)
    else { fail("\(argument) needs a number of channels from 1 to 64") }
    let step = NetworkStep(channels: channels, usesProbe: argument == "--network-probe-rate")
    print(String(format: "%.2f", 1 / step.time(seconds: seconds).median))
    exit(0)
  default: fail("unknown option '\(argument)'")
  }
}

let compared = LeapfrogCase(extents: [64, 64], chains: 64, steps: 20)
if onlyRate {
  let rate = compared.updates / compared.time(seconds: seconds).median * 1e-6
  print(String(format: "%.1f", rate))
  exit(0)
}

struct Row: Codable {
  let name: String
  let medianSeconds, deviationSeconds, nanosecondsPerUpdate, millionUpdatesPerSecond: Double
  let arithmeticLimit, trafficLimit, fractionOfLimit: Double
}

struct Report: Codable {
  let level: String
  let operationsPerSecond: Double
  let rows: [Row]
}

let cases = [
  compared,
  LeapfrogCase(extents: [64, 64], chains: 1, steps: 20),
  LeapfrogCase(extents: [16, 16], chains: 64, steps: 20),
  LeapfrogCase(extents: [256, 256], chains: 1, steps: 20),
  LeapfrogCase(extents: [1024, 1024], chains: 1, steps: 20),
  LeapfrogCase(extents: [32, 32, 32], chains: 1, steps: 20),
  LeapfrogCase(extents: [16, 16, 16, 16], chains: 1, steps: 20),
  LeapfrogCase(extents: [4096], chains: 1, steps: 20),
  LeapfrogCase(extents: [63, 65], chains: 1, steps: 20),
]

func column(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

let limits = Limits.measured(seconds: seconds / 2)
let level = String(cString: df_kernel_level_name(df_kernel_level()))
print("Leapfrog: drift and kick of every site, one thread, instruction set \(level)")
print("Multiplications and additions, 5 to 7: \(number(limits.operations * 1e-9, 1)) 10^9 a second")
print("Limits in 10^6 updates a second: arithmetic alone; reading and writing φ and p once\n")
print(
  "lattice".padding(toLength: 20, withPad: " ", startingAt: 0) + column("median ms", 11)
    + column("MAD ms", 9) + column("ns/update", 11) + column("10^6/s", 9)
    + column("arithmetic", 12) + column("traffic", 9) + column("of limit", 10))
var rows: [Row] = []
for item in cases {
  let timing = item.time(seconds: seconds)
  let rate = item.updates / timing.median
  let arithmetic = limits.operations / item.operations
  let traffic = Limits.traffic(bytes: item.bytes, seconds: seconds / 2) / 32
  let row = Row(
    name: item.name, medianSeconds: timing.median, deviationSeconds: timing.deviation,
    nanosecondsPerUpdate: 1e9 / rate, millionUpdatesPerSecond: rate * 1e-6,
    arithmeticLimit: arithmetic * 1e-6, trafficLimit: traffic * 1e-6,
    fractionOfLimit: rate / min(arithmetic, traffic))
  rows.append(row)
  print(
    item.name.padding(toLength: 20, withPad: " ", startingAt: 0)
      + column(number(timing.median * 1e3, 3), 11) + column(number(timing.deviation * 1e3, 3), 9)
      + column(number(row.nanosecondsPerUpdate, 3), 11)
      + column(number(row.millionUpdatesPerSecond, 0), 9)
      + column(number(row.arithmeticLimit, 0), 12) + column(number(row.trafficLimit, 0), 9)
      + column(number(100 * row.fractionOfLimit, 0) + " %", 10))
}
if let file {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  let report = Report(level: level, operationsPerSecond: limits.operations, rows: rows)
  do {
    try encoder.encode(report).write(to: URL(fileURLWithPath: file))
  } catch {
    fail("cannot write \(file): \(error)")
  }
}
