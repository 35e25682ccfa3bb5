import Charts
@preconcurrency import Glibc
import SparseRecovery

/// Solves mixed problems for a while and says whether memory stays flat: `soak SECONDS [FOLDER]`.
///
/// The samples go to standard output as a table and, where a folder is given, into a chart there.
/// Exits with 1 when memory grew, or an answer was not the first one again.
@main enum Soak {
  static func main() throws {
    let words = CommandLine.arguments.dropFirst()
    guard let seconds = words.first.flatMap(Double.init), seconds > 0 else {
      print("usage: soak SECONDS [FOLDER]")
      exit(64)
    }
    setvbuf(stdout, nil, _IOLBF, 0)
    let course = try run(for: .seconds(seconds))
    if words.count > 1, let folder = words.last {
      _ = try course.chart.write(into: folder, named: "soak", formats: [.svg])
    }
    print("# \(course.verdict)")
    exit(course.isFlat ? 0 : 1)
  }

  private static func run(for time: Duration) throws -> MemoryCourse {
    let begin = ContinuousClock.now
    var (round, samples, renewals) = (try Round(), [MemorySample](), 0)
    print(MemorySample.header)
    repeat {
      let elapsed = ContinuousClock.now - begin
      if elapsed >= time / contexts * renewals {
        try round.renewDevices()
        renewals += 1
      }
      try round.run()
      if elapsed >= time / mostSamples * samples.count {
        let sample = MemorySample(after: ContinuousClock.now - begin, solves: round.solves)
        samples.append(sample)
        print(sample.line)
      }
    } while ContinuousClock.now - begin < time || samples.count < 8
    return MemoryCourse(samples)
  }

  /// How many contexts a device has, one after another.
  private static let contexts = 20
  /// An hour of rounds would be a figure of many thousands of points.
  private static let mostSamples = 300
}
