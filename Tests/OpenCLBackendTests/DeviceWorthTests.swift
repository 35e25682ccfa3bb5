import SparseCore
import TestSupport
import Testing

@testable import OpenCLBackend

/// When a GPU is worth what it costs.
@Suite struct DeviceWorthTests {
  private static func worth(
    _ rows: Int, _ columns: Int, cores: Double = 16, stored: Int = 8, limit: Int = .max
  ) -> DeviceWorth {
    DeviceWorth(
      rows: rows, columns: columns, byteCount: (8, stored), limit: limit,
      processorRate: cores * DeviceWorth.usualRateOfACore)
  }

  /// The figures of docs/gpu-hosts.md: on sixteen cores 20 passes take as long as opening, upload and passes of the
  /// device at some 46 million numbers, and at fewer the fewer cores there are.
  @Test(arguments: [
    (40_000_000, 16.0, false), (50_000_000, 16, true), (1_000_000_000, 16, true),
    (5_000_000, 2, false), (6_000_000, 2, true), (150_000_000, 64, false),
    (1_000_000_000, 64, true),
  ])
  func asMeasured(entries: Int, cores: Double, takesDevice: Bool) {
    let worth = Self.worth(entries / 1000, 1000, cores: cores)
    #expect(worth.takesDevice == takesDevice)
    #expect(worth.isWorthAsking)
    #expect(
      worth.reason(device: "H100").hasPrefix(takesDevice ? "H100, since" : "the processor, since"))
  }

  /// The formula by hand: 8 · 10⁹ bytes, of which 6 · 10⁹ are sent for each of 20 passes.
  @Test func countsWhatIsSentAgain() {
    let worth = Self.worth(20_000, 50_000, limit: 2_000_000_000)
    let pass = 8e9 / 1.58e12 + 6e9 / 46e9
    #expect(abs(worth.onDevice - (0.2 + 8e9 / 46e9 + 20 * pass)) < 1e-12)
    #expect(abs(worth.onProcessor - 20 * 8e9 / 34.5e9) < 1e-12)
    #expect(Self.worth(20_000, 50_000, stored: 2).onDevice < Self.worth(20_000, 50_000).onDevice)
  }

  @Test func smallMatricesAskForNothing() {
    let worth = Self.worth(442, 10)
    #expect(!worth.isWorthAsking && !worth.takesDevice)
    #expect(
      worth.reason(device: nil)
        == "the processor, since 20 passes over the matrix take it about 2e-05 s, "
        + "and no GPU is opened for less than 0.05 s")
  }

  /// Numbers that no machine has. Nothing traps, and where nothing is known of a device it is not taken.
  @Test func awkwardNumbers() {
    let odd: [Double] = [
      0, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    for (rows, columns) in [(Int.max, Int.max), (1, 1), (20_000, 50_000)] {
      for (a, b, c, d) in odd.flatMap({ a in odd.map { (a, $0, a, $0) } }) {
        var worth = Self.worth(rows, columns)
        worth.costs = DeviceCosts(opening: a, uploadRate: b, passRate: c)
        worth.processorRate = d
        #expect(worth.reason(device: "D").count < 200)
        #expect(!worth.reason(device: "D").contains("\n"))
        if [a, b, c, d].contains(where: \.isNaN) { #expect(!worth.takesDevice) }
      }
      var worth = Self.worth(rows, columns)
      worth.costs.passRate = 0
      #expect(!worth.takesDevice)
      worth = Self.worth(rows, columns)
      worth.processorRate = 0
      #expect(worth.takesDevice)
    }
    #expect(Self.worth(.max, .max).bytes == 8 * 0x1p126)
  }

  @Test(arguments: [
    "", "0.2", "0.2 4.6e+10", "0.2 4.6e+10 1.58e+12 1.0", "0.2 4.6e10 1.58e+12",
    "nan 4.6e+10 1.58e+12", "0.2 inf 1.58e+12", "-0.1 4.6e+10 1.58e+12", "0.2 0.0 1.58e+12",
    "0.2 4.6e+10 1e+300", "9000.0 4.6e+10 1.58e+12", "0.2  4.6e+10 1.58e+12",
    "0x1 4.6e+10 1.58e+12",
  ])
  func absurdCostsAreNotBelieved(text: String) {
    #expect(DeviceCosts(text: text) == nil)
    let file = Array("sparse-recovery costs 1\n\(text)\ta\n".utf8)
    #expect(RememberedText<DeviceCosts>(file) == nil)
  }

  @Test func costsComeBackAsKept() throws {
    let folder = TemporaryFolder()
    let file = RememberedFile<DeviceCosts>(folder: CacheFolder(folder.path))
    #expect(file.value(for: "a") == nil)
    let costs = DeviceCosts(opening: 1.0 / 3, uploadRate: 5.5e10 / 7, passRate: 1e12)
    file.remember(.usual, for: "a")
    file.remember(costs, for: "a")
    #expect(file.value(for: "a") == costs)
    // The choices of products beside them are another file.
    #expect(RememberedFile<ProductKernels>(folder: file.folder).value(for: "a") == nil)
  }
}

extension OnDevice {
  /// What loading measures on the way.
  @Suite(.enabled(if: !OnDevice.isInterpreted)) struct Costs {
    @Test(arguments: OnDevice.precisions) func areMeasuredWhileLoading(precision: Precision) throws
    {
      let folder = TemporaryFolder()
      let file = RememberedFile<DeviceCosts>(folder: CacheFolder(folder.path))
      let (device, costs) = (try #require(OpenCLBackend.devices().first), CostMeasurement(file))
      func load(_ rows: Int, _ columns: Int) throws {
        let ones = [Double](repeating: 1, count: rows * columns)
        let matrix = try Matrix(rows: rows, columns: columns, columnMajor: ones)
        _ = try OpenCLBackend(device, calls: OpenCLCalls(), kernels: .native, costs: costs)
          .load(Atoms(DenseMatrix.double(matrix)), precision: precision)
      }
      try load(100, 100)
      #expect(costs.known(device, precision, .full) == nil)
      // Of 8 or 4 bytes each, 32 MiB and some more.
      let columns = (33 << 20) / precision.byteCount / 1024
      try load(1024, columns)
      let first = try #require(costs.known(device, precision, .full))
      #expect(first.isPlausible && first.opening == DeviceCosts.usual.opening)
      try load(1024, columns)
      let second = try #require(costs.known(device, precision, .full))
      #expect(second.isPlausible && second.opening != DeviceCosts.usual.opening)
      try load(1024, columns)
      #expect(costs.known(device, precision, .full) == second)
    }
  }
}
