import COpenCL
import Synchronization

@testable import OpenCLBackend

/// Every object of OpenCL that was made and not released.
final class Ledger: Sendable {
  private struct Entry: Hashable {
    let object: OpenCLCalls.Object
    let address: UInt
  }

  private struct Count {
    var alive: Set<Entry> = []
    var made: [OpenCLCalls.Object: Int] = [:]
    var unknown: [OpenCLCalls.Object] = []
  }

  private let count = Mutex(Count())

  /// What is still there.
  var alive: [OpenCLCalls.Object] { count.withLock { $0.alive.map(\.object) } }
  /// What was released without being there: never made, or released before.
  var unknown: [OpenCLCalls.Object] { count.withLock(\.unknown) }
  /// How many of each were made.
  var made: [OpenCLCalls.Object: Int] { count.withLock(\.made) }

  /// The same calls, written down here.
  func counting(_ calls: OpenCLCalls) -> OpenCLCalls {
    func counted<each Argument>(
      _ object: OpenCLCalls.Object,
      _ call: @escaping @Sendable (repeat each Argument) -> OpenCLCalls.Made
    ) -> @Sendable (repeat each Argument) -> OpenCLCalls.Made {
      { (argument: repeat each Argument) in
        let made = call(repeat each argument)
        if let handle = made.handle { self.add(object, handle) }
        return made
      }
    }
    var counting = calls
    counting.makeContext = counted(.context, calls.makeContext)
    counting.makeQueue = counted(.queue, calls.makeQueue)
    counting.makeBuffer = counted(.buffer, calls.makeBuffer)
    counting.makeHostBuffer = counted(.buffer, calls.makeHostBuffer)
    counting.makeProgram = counted(.program, calls.makeProgram)
    counting.makeCompiledProgram = counted(.program, calls.makeCompiledProgram)
    counting.makeKernel = counted(.kernel, calls.makeKernel)
    counting.write = counted(.event, calls.write)
    counting.mark = counted(.event, calls.mark)
    // Struck out before it is released: the driver may give the address to the next at once.
    counting.release = { object, handle in
      self.remove(object, handle)
      calls.release(object, handle)
    }
    return counting
  }

  private func add(_ object: OpenCLCalls.Object, _ handle: OpaquePointer) {
    let entry = Entry(object: object, address: UInt(bitPattern: handle))
    count.withLock {
      $0.alive.insert(entry)
      $0.made[object, default: 0] += 1
    }
  }

  private func remove(_ object: OpenCLCalls.Object, _ handle: OpaquePointer) {
    let entry = Entry(object: object, address: UInt(bitPattern: handle))
    count.withLock {
      if $0.alive.remove(entry) == nil { $0.unknown.append(object) }
    }
  }
}
