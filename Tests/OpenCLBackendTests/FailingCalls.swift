import COpenCL
import Synchronization

@testable import OpenCLBackend

/// Which of the calls fails, counted from zero, and what was called.
final class Fault: Sendable {
  private let first: Int
  private let code: cl_int
  private let isLasting: Bool
  private let calls = Mutex<[String]>([])

  /// - Parameter isLasting: whether every later call fails too, as those to a lost device do.
  init(at first: Int = .max, code: cl_int = CL_SUCCESS, isLasting: Bool = false) {
    self.first = first
    self.code = code
    self.isLasting = isLasting
  }

  /// The names of all calls so far, in order.
  var names: [String] { calls.withLock(\.self) }
  /// The call that failed, if it came to that.
  var failed: String? { names.indices.contains(first) ? names[first] : nil }

  /// What the next call answers instead of being made.
  func next(_ name: String) -> cl_int {
    calls.withLock {
      $0.append(name)
      let place = $0.count - 1
      return place == first || isLasting && place > first ? code : CL_SUCCESS
    }
  }
}

extension OpenCLCalls {
  /// The same calls, but those that a fault stops. Releases never fail; and waits take their time
  /// before they do, because it is the work that fails: memory that is still being copied from could
  /// not be given back.
  func failing(_ fault: Fault) -> OpenCLCalls {
    func code<each Argument>(
      _ name: String, _ call: @escaping @Sendable (repeat each Argument) -> cl_int
    ) -> @Sendable (repeat each Argument) -> cl_int {
      { (argument: repeat each Argument) in
        let code = fault.next(name)
        return code == CL_SUCCESS ? call(repeat each argument) : code
      }
    }
    func made<each Argument>(
      _ name: String, _ call: @escaping @Sendable (repeat each Argument) -> Made
    ) -> @Sendable (repeat each Argument) -> Made {
      { (argument: repeat each Argument) in
        let code = fault.next(name)
        return code == CL_SUCCESS ? call(repeat each argument) : (nil, code)
      }
    }
    func waited(
      _ name: String, _ call: @escaping @Sendable (OpaquePointer) -> cl_int
    ) -> @Sendable (OpaquePointer) -> cl_int {
      { handle in
        let code = call(handle)
        let fault = fault.next(name)
        return fault == CL_SUCCESS ? code : fault
      }
    }
    var calls = self
    calls.makeContext = made("clCreateContext", makeContext)
    calls.makeQueue = made("clCreateCommandQueue", makeQueue)
    calls.makeBuffer = made("clCreateBuffer", makeBuffer)
    calls.makeHostBuffer = made("clCreateBuffer(host)", makeHostBuffer)
    calls.map = { queue, buffer, byteCount in
      let code = fault.next("clEnqueueMapBuffer")
      return code == CL_SUCCESS ? self.map(queue, buffer, byteCount) : (nil, code)
    }
    calls.makeProgram = made("clCreateProgramWithSource", makeProgram)
    calls.makeCompiledProgram = made("clCreateProgramWithBinary", makeCompiledProgram)
    calls.binary = { program, most in
      let code = fault.next("clGetProgramInfo")
      return code == CL_SUCCESS ? self.binary(program, most) : ([], code)
    }
    calls.makeKernel = made("clCreateKernel", makeKernel)
    calls.build = code("clBuildProgram", build)
    calls.setArgument = code("clSetKernelArg", setArgument)
    calls.launch = code("clEnqueueNDRangeKernel", launch)
    calls.write = made("clEnqueueWriteBuffer", write)
    calls.read = code("clEnqueueReadBuffer", read)
    calls.mark = made("clEnqueueMarkerWithWaitList", mark)
    calls.delay = code("clEnqueueBarrierWithWaitList", delay)
    calls.wait = waited("clWaitForEvents", wait)
    calls.flush = code("clFlush", flush)
    calls.finish = waited("clFinish", finish)
    calls.addProduct = code("CLBlast gemv", addProduct)
    calls.groupSize = { kernel, device in
      let query = self.groupSize(kernel, device)
      return { room, fact, length in
        let code = fault.next("clGetKernelWorkGroupInfo")
        return code == CL_SUCCESS ? query(room, fact, length) : code
      }
    }
    return calls
  }

  /// The same calls, but buffers of some sizes are refused with a code.
  func refusing(
    with code: cl_int, where isRefused: @escaping @Sendable (_ byteCount: Int) -> Bool
  ) -> OpenCLCalls {
    var calls = self
    calls.makeBuffer = { context, byteCount in
      isRefused(byteCount) ? (nil, code) : self.makeBuffer(context, byteCount)
    }
    return calls
  }
}
