import SparseRecovery
import Testing

@testable import Benchmarking

@Suite(.serialized) struct SolveStudyTests {
  private let hour = TimeBudget(seconds: 3600)

  @Test func everyWayOnEveryShapeHasItsRow() throws {
    let reference = BenchmarkPlace(
      backend: ReferenceBackend(),
      device: DeviceFacts(name: "Reference", kind: "cpu", library: "None", computeUnits: 1),
      precisions: [.double], ceilingIsHost: true, largestVector: .max)
    let record = try SolveStudy.tiny.run(on: [.cpu(), reference], within: hour) { _ in }
    let found = record.rows.map { "\($0.shape) \($0.engine.name) \($0.gradient)" }
    let gradients = SEA.Gradient.allCases.filter { $0 != .auto }
    let expected = SolveStudy.tiny.shapes.flatMap { shape in
      ["cpu", "reference"].flatMap { name in gradients.map { "\(shape) \(name) \($0)" } }
    }
    #expect(found == expected)
    #expect(record.notes.isEmpty)
    for row in record.rows {
      #expect(row.hasSameSupport == (row.engine.name == "cpu" ? nil : true))
      #expect(row.iterations == 25)
      #expect(row.runs == 2)
      #expect(1...25 ~= row.supportsExplored)
      #expect(row.seconds.minimum <= row.seconds.median)
    }
    for group in SolveStudy.tiny.shapes {
      #expect(record.rows.count { $0.shape == group && $0.isAutomatic } == 2)
    }
  }

  @Test(arguments: [(1000, 2_500_000_000), (800, 2_000_000_000), (20, 0)])
  func directSolvesReadNoMoreThanAllowed(iterations: Int, entries: Int) {
    let shape = ProblemShape(500, 5000, 25)
    var study = SolveStudy(shapes: [shape], entriesRead: entries)
    #expect(study.iterations(.direct, on: shape) == iterations)
    #expect(study.iterations(.blocked, on: shape) == 1000)
    study.hasEqualIterations = true
    #expect(study.iterations(.blocked, on: shape) == iterations)
  }

  @Test func aSpentBudgetBeginsNothing() throws {
    let record = try SolveStudy.tiny.run(on: [.cpu()], within: TimeBudget(seconds: 0)) { _ in }
    #expect(record.rows.isEmpty)
    #expect(record.notes.first == "20 × 50, k = 3: skipped, the time is spent")
    #expect(record.notes.count == 2)
  }

  @Test func whatExceedsMemoryIsSkipped() throws {
    var study = SolveStudy.tiny
    study.shapes.insert(ProblemShape(1 << 24, 1 << 24, 1), at: 0)
    let record = try study.run(on: [.cpu()], within: hour) { _ in }
    #expect(record.rows.count == 2 * (SEA.Gradient.allCases.count - 1))
    #expect(record.notes.count == 1)
    #expect(record.notes.first?.contains("16777216 × 16777216, k = 1: skipped, takes") == true)
  }

  @Test func aDeviceThatFailsIsNoted() throws {
    let record = try SolveStudy.tiny.run(on: [.broken, .cpu()], within: hour) { _ in }
    #expect(record.rows.count == 2 * (SEA.Gradient.allCases.count - 1))
    #expect(record.notes.count == 2)
    #expect(record.notes.first?.contains("Broken") == true)
  }

  @Test(arguments: [false, true]) func scalingGrowsOneSizeTenfold(isQuick: Bool) {
    let base = SolveStudy.scalingBase(isQuick: isQuick)
    let shapes = SolveStudy.scaling(isQuick: isQuick).shapes
    #expect(shapes.count { $0 == base } == 1)
    for axis in ScalingAxis.allCases {
      let others = ScalingAxis.allCases.filter { $0 != axis }
      let sizes = shapes.filter { shape in
        others.allSatisfy { $0.size(of: shape) == $0.size(of: base) }
      }.map(axis.size)
      let ratio = Double(sizes.max() ?? 0) / Double(sizes.min() ?? 1)
      // The ends are rounded to integers: 10⁻¹ᐟ² · 10 is 3.
      #expect(9.8...10.7 ~= ratio)
    }
  }

  @Test(.enabled(if: HostMemory.resetPeak())) func thePeakOfARowIsItsOwn() throws {
    let bytes = 256 << 20
    func fill() throws {
      let memory = try OwnedBytes(count: bytes)
      memory.region.initializeMemory(as: UInt8.self, repeating: 1)
      blackHole(memory)
    }
    let before = try #require(HostMemory.resident)
    try fill()
    let high = try #require(HostMemory.peak)
    #expect(high >= before + bytes / 2)
    #expect(HostMemory.resetPeak())
    let low = try #require(HostMemory.peak)
    #expect(low <= high - bytes / 2)
  }
}

extension SolveStudy {
  /// Two problems solved in a moment.
  static var tiny: SolveStudy {
    SolveStudy(
      shapes: [ProblemShape(20, 50, 3), ProblemShape(30, 40, 2)], iterations: 25,
      entriesRead: 1_000_000, repetitions: 2)
  }
}
