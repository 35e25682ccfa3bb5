import COpenCL
import Synchronization
import Testing

@testable import OpenCLBackend

/// Bytes before and behind every buffer, which nobody may write to: a buffer is the middle of a
/// larger one. All of it starts as NaN in every precision, so that what is read outside, or before
/// it is written, shows in results.
final class BufferGuards: Sendable {
  /// A handle, which any thread may use.
  private struct Handle: @unchecked Sendable, Hashable {
    let it: OpaquePointer
  }

  private struct Guarded {
    let whole: Handle
    let context: Handle
    let byteCount: Int
  }

  private struct State {
    /// A queue of our own for each context.
    var queues: [Handle: Handle] = [:]
    /// The queues that work is queued on.
    var working: Set<Handle> = []
    var buffers: [Handle: Guarded] = [:]
  }

  /// A multiple of what devices align buffers to.
  private static let size = 4096
  private static let filling: UInt8 = 0xFF

  private let calls: OpenCLCalls
  private let report: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// - Parameter report: called for each guard that was written to, when its buffer is read or
  ///   released.
  init(_ calls: OpenCLCalls, report: @escaping @Sendable (String) -> Void) {
    self.calls = calls
    self.report = report
  }

  /// The calls with guards.
  var guarded: OpenCLCalls {
    var guarded = calls
    guarded.makeContext = { device in
      let made = self.calls.makeContext(device)
      guard let context = made.handle.map(Handle.init) else { return made }
      let queue = self.calls.makeQueue(context.it, device).handle.map(Handle.init)
      self.state.withLock { $0.queues[context] = queue }
      return made
    }
    guarded.makeQueue = { context, device in
      let made = self.calls.makeQueue(context, device)
      if let queue = made.handle.map(Handle.init) {
        self.state.withLock { _ = $0.working.insert(queue) }
      }
      return made
    }
    guarded.makeBuffer = self.make
    guarded.read = { queue, buffer, bytes in
      self.check(buffer)
      return self.calls.read(queue, buffer, bytes)
    }
    guarded.release = self.release
    return guarded
  }

  private func make(_ context: cl_context, _ byteCount: Int) -> OpenCLCalls.Made {
    let made = calls.makeBuffer(context, byteCount + 2 * Self.size)
    let context = Handle(it: context)
    guard let whole = made.handle, let queue = state.withLock({ $0.queues[context] }) else {
      return made
    }
    let filling = [UInt8](repeating: Self.filling, count: byteCount + 2 * Self.size)
    let code = filling.withUnsafeBytes {
      clEnqueueWriteBuffer(
        queue.it, whole, cl_bool(CL_TRUE), 0, $0.count, $0.baseAddress, 0, nil, nil)
    }
    guard code == CL_SUCCESS else { return (nil, code) }
    var middle = cl_buffer_region(origin: Self.size, size: byteCount)
    var status = CL_SUCCESS
    let buffer = clCreateSubBuffer(
      whole, 0, cl_buffer_create_type(CL_BUFFER_CREATE_TYPE_REGION), &middle, &status)
    if let buffer = buffer.map(Handle.init) {
      let guarded = Guarded(whole: Handle(it: whole), context: context, byteCount: byteCount)
      state.withLock { $0.buffers[buffer] = guarded }
    }
    return (buffer, status)
  }

  private func release(_ object: OpenCLCalls.Object, _ released: OpaquePointer) {
    let handle = Handle(it: released)
    switch object {
    case .buffer:
      check(released)
      if let guarded = state.withLock({ $0.buffers.removeValue(forKey: handle) }) {
        calls.release(.buffer, guarded.whole.it)
      }
    case .queue: state.withLock { _ = $0.working.remove(handle) }
    case .context:
      if let queue = state.withLock({ $0.queues.removeValue(forKey: handle) }) {
        calls.release(.queue, queue.it)
      }
    case .program, .kernel, .event: break
    }
    calls.release(object, released)
  }

  /// Reports what is not as it was on either side of a buffer, after all work so far.
  private func check(_ buffer: cl_mem) {
    let buffer = Handle(it: buffer)
    let (found, working) = state.withLock { ($0.buffers[buffer], $0.working) }
    guard let found, let queue = state.withLock({ $0.queues[found.context] }) else { return }
    for queue in working { clFinish(queue.it) }
    for (side, offset) in [("before", 0), ("behind", Self.size + found.byteCount)] {
      var bytes = [UInt8](repeating: 0, count: Self.size)
      let code = clEnqueueReadBuffer(
        queue.it, found.whole.it, cl_bool(CL_TRUE), offset, Self.size, &bytes, 0, nil, nil)
      if code != CL_SUCCESS || bytes.contains(where: { $0 != Self.filling }) {
        report("written \(side) a buffer of \(found.byteCount) bytes")
      }
    }
  }
}

extension OpenCLCalls {
  /// The same calls with guards round every buffer: whoever writes to them fails the test.
  ///
  /// Oclgrind finds accesses outside buffers itself, and would take a guard for a part of its buffer:
  /// under it there are none.
  func guarded() -> OpenCLCalls {
    if OnDevice.isInterpreted { return self }
    return BufferGuards(self) { Issue.record("\($0)") }.guarded
  }
}
