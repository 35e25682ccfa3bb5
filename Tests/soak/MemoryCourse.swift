import Charts

/// How memory went during a soak.
struct MemoryCourse {
  private let samples: [MemorySample]

  init(_ samples: [MemorySample]) { self.samples = samples }

  /// More than this between the second quarter and the last is growth: in an hour a few bytes for
  /// each of its solves.
  private static let allowedGrowth = 1 << 19

  /// Heap in use, resident memory and open files of the median sample of a quarter, from zero.
  private func median(ofQuarter quarter: Int, _ value: (MemorySample) -> Int) -> Int {
    let values = samples[samples.count * quarter / 4..<samples.count * (quarter + 1) / 4]
      .map(value).sorted()
    return values[values.count / 2]
  }

  /// From the second quarter, when caches are filled, to the last.
  private func growth(of value: (MemorySample) -> Int) -> Int {
    median(ofQuarter: 3, value) - median(ofQuarter: 1, value)
  }

  /// Whether nothing that the process holds grew.
  ///
  /// Resident memory is not judged: freed memory stays with the process in pieces, and how many there
  /// are is up to chance.
  var isFlat: Bool {
    growth(of: \.heapBytes) <= Self.allowedGrowth && growth(of: \.descriptors) <= 0
  }

  var verdict: String {
    guard let last = samples.last else { return "nothing was solved" }
    return "\(isFlat ? "flat" : "grew"): \(last.solves) solves in \(Int(last.seconds)) s; from the "
      + "second quarter to the last, heap \(growth(of: \.heapBytes)) bytes of "
      + "\(median(ofQuarter: 3, \.heapBytes)), resident \(growth(of: \.residentBytes)) of "
      + "\(median(ofQuarter: 3, \.residentBytes)), descriptors \(growth(of: \.descriptors)) of "
      + "\(median(ofQuarter: 3, \.descriptors))"
  }

  var chart: LineChart {
    func series(_ name: String, _ bytes: (MemorySample) -> Int) -> Series {
      Series(
        name, samples.map { Point($0.seconds / 60, Double(bytes($0)) / 1_048_576) },
        style: .plainLine
      )
    }
    let solves = samples.last?.solves ?? 0
    return LineChart(
      title: "Memory during \(solves) mixed solves in one process",
      x: Axis("minutes"), y: Axis("MiB", range: 0...(1.25 * largest / 1_048_576)),
      series: [
        series("resident", \.residentBytes), series("heap in use", \.heapBytes),
      ])
  }

  private var largest: Double { Double(samples.map(\.residentBytes).max() ?? 1) }
}
