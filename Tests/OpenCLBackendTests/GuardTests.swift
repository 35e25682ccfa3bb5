import SparseCore
import Synchronization
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// Whether guards are guarded: every other test of a kernel relies on them.
  @Suite struct Guards {
    private static let source = """
      __kernel void mark(const int place, __global uchar* bytes) { bytes[place] = 1; }
      """

    /// Writes one byte at a place of a buffer, and says what its guards saw.
    private func reports(byteCount: Int, place: Int32, isRead: Bool) throws -> [String] {
      let reports = Reports()
      do {
        let calls = BufferGuards(OpenCLCalls()) { reports.add($0) }.guarded
        let backend = try OpenCLBackend(calls: calls)
        let context = backend.programs.context
        let queue = try CommandQueue(context)
        let program = try Program(
          context, Program.Options(text: "-cl-std=CL1.2 -DGROUP=1", source: Self.source))
        let kernel = try program.kernel("mark")
        let buffer = try DeviceBuffer(byteCount, in: DeviceMemory(context))
        try queue.run(kernel, groups: 1, place, buffer)
        if isRead { _ = try queue.read(buffer, byteCount) { $0.count } }
      }
      return reports.all
    }

    @Test(arguments: [1, 100, 4096]) func seeOneByteOnEitherSide(byteCount: Int) throws {
      for (place, side) in [(-1, "before"), (-4096, "before"), (byteCount, "behind")] {
        let report = "written \(side) a buffer of \(byteCount) bytes"
        #expect(
          try reports(byteCount: byteCount, place: Int32(place), isRead: false) == [report])
        #expect(
          try reports(byteCount: byteCount, place: Int32(place), isRead: true) == [report, report])
      }
    }

    @Test(arguments: [1, 100, 4096]) func letEveryByteBeWritten(byteCount: Int) throws {
      for place in Set([0, byteCount - 1]) {
        #expect(try reports(byteCount: byteCount, place: Int32(place), isRead: true).isEmpty)
      }
    }
  }
}

/// What was reported, from any thread.
private final class Reports: Sendable {
  private let reports = Mutex<[String]>([])

  var all: [String] { reports.withLock(\.self) }

  func add(_ report: String) { reports.withLock { $0.append(report) } }
}
