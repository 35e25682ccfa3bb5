internal import COpenCL
internal import SparseCore

/// The calls of OpenCL and CLBlast that this package makes.
///
/// A context and all that is made in it call through one table, so that something may stand between
/// this package and a driver: to count objects, to put guards round buffers, to fail as a device does.
struct OpenCLCalls: Sendable {
  /// What a call made, or the code that says why it did not.
  typealias Made = (handle: OpaquePointer?, code: cl_int)
  /// Asks for the handles of a listing or their count: room, handles, count.
  typealias Listing = (
    cl_uint, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<cl_uint>?
  ) -> cl_int
  /// Asks for a fact or its length: room in bytes, the fact, the length.
  typealias Query = (Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int

  /// What is made, and released once.
  enum Object: CaseIterable {
    case context, queue, buffer, program, kernel, event
  }

  // MARK: Facts

  var platforms: @Sendable () -> Listing = { { clGetPlatformIDs($0, $1, $2) } }
  var devices: @Sendable (cl_platform_id) -> Listing = { platform in
    { clGetDeviceIDs(platform, cl_device_type(CL_DEVICE_TYPE_ALL), $0, $1, $2) }
  }
  var platformInfo: @Sendable (cl_platform_id, cl_int) -> Query = { platform, key in
    { clGetPlatformInfo(platform, cl_platform_info(key), $0, $1, $2) }
  }
  var deviceInfo: @Sendable (cl_device_id, cl_int) -> Query = { device, key in
    { clGetDeviceInfo(device, cl_device_info(key), $0, $1, $2) }
  }
  var buildLog: @Sendable (cl_program, cl_device_id) -> Query = { program, device in
    {
      clGetProgramBuildInfo(
        program, device, cl_program_build_info(CL_PROGRAM_BUILD_LOG), $0, $1, $2)
    }
  }
  /// The size of a work-group that a kernel was compiled for, in three dimensions.
  var groupSize: @Sendable (cl_kernel, cl_device_id) -> Query = { kernel, device in
    let key = cl_kernel_work_group_info(CL_KERNEL_COMPILE_WORK_GROUP_SIZE)
    return { clGetKernelWorkGroupInfo(kernel, device, key, $0, $1, $2) }
  }

  // MARK: Objects

  var makeContext: @Sendable (cl_device_id) -> Made = { device in
    var device: cl_device_id? = device
    return made { clCreateContext(nil, 1, &device, nil, nil, &$0) }
  }
  /// An in-order queue.
  var makeQueue: @Sendable (cl_context, cl_device_id) -> Made = { context, device in
    made { clCreateCommandQueue(context, device, 0, &$0) }
  }
  /// A buffer of so many bytes.
  var makeBuffer: @Sendable (cl_context, Int) -> Made = { context, byteCount in
    made { clCreateBuffer(context, cl_mem_flags(CL_MEM_READ_WRITE), byteCount, nil, &$0) }
  }
  /// So many bytes of host memory that the device may copy from without the driver's help.
  var makeHostBuffer: @Sendable (cl_context, Int) -> Made = { context, byteCount in
    let flags = cl_mem_flags(CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR)
    return made { clCreateBuffer(context, flags, byteCount, nil, &$0) }
  }
  /// A program of this source.
  var makeProgram: @Sendable (cl_context, String) -> Made = { context, source in
    source.withCString { text in
      var source: UnsafePointer<CChar>? = text
      return made { clCreateProgramWithSource(context, 1, &source, nil, &$0) }
    }
  }
  /// A program of what a driver compiled before.
  var makeCompiledProgram: @Sendable (cl_context, cl_device_id, UnsafeRawBufferPointer) -> Made = {
    context, device, binary in
    var (device, length): (cl_device_id?, Int) = (device, binary.count)
    var start = binary.bindMemory(to: UInt8.self).baseAddress
    return made { clCreateProgramWithBinary(context, 1, &device, &length, &start, nil, &$0) }
  }
  var makeKernel: @Sendable (cl_program, String) -> Made = { program, name in
    made { clCreateKernel(program, name, &$0) }
  }
  /// Every object once: nobody could be told what goes wrong.
  var release: @Sendable (Object, OpaquePointer) -> Void = { object, handle in
    switch object {
    case .context: clReleaseContext(handle)
    case .queue: clReleaseCommandQueue(handle)
    case .buffer: clReleaseMemObject(handle)
    case .program: clReleaseProgram(handle)
    case .kernel: clReleaseKernel(handle)
    case .event: clReleaseEvent(handle)
    }
  }

  // MARK: Work

  /// Compiles for a device, with these options.
  var build: @Sendable (cl_program, cl_device_id, String) -> cl_int = { program, device, options in
    var device: cl_device_id? = device
    return clBuildProgram(program, 1, &device, options, nil, nil)
  }
  /// What a program was compiled to; empty where that is more than so many bytes.
  var binary: @Sendable (cl_program, _ most: Int) -> (bytes: [UInt8], code: cl_int) = {
    program, most in
    var length = 0
    let (sizes, size) = (cl_program_info(CL_PROGRAM_BINARY_SIZES), MemoryLayout<Int>.size)
    var code = clGetProgramInfo(program, sizes, size, &length, nil)
    guard code == CL_SUCCESS, (1...most).contains(length) else { return ([], code) }
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { bytes, count in
      var start = bytes.baseAddress
      let size = MemoryLayout.size(ofValue: start)
      code = clGetProgramInfo(program, cl_program_info(CL_PROGRAM_BINARIES), size, &start, nil)
      count = code == CL_SUCCESS ? length : 0
    }
    return (bytes, code)
  }
  var setArgument: @Sendable (cl_kernel, cl_uint, UnsafeRawBufferPointer) -> cl_int = {
    clSetKernelArg($0, $1, $2.count, $2.baseAddress)
  }
  /// Starts so many items, in groups of so many.
  var launch: @Sendable (cl_command_queue, cl_kernel, _ items: Int, _ group: Int) -> cl_int = {
    var (items, group) = ($2, $3)
    return clEnqueueNDRangeKernel($0, $1, 1, nil, &items, &group, 0, nil, nil)
  }
  /// Where the host finds so many bytes of a buffer, until they are unmapped.
  var map: @Sendable (cl_command_queue, cl_mem, Int) -> (UnsafeMutableRawPointer?, cl_int) = {
    var code = CL_SUCCESS
    let access = cl_map_flags(CL_MAP_READ | CL_MAP_WRITE)
    let bytes = clEnqueueMapBuffer($0, $1, cl_bool(CL_TRUE), access, 0, $2, 0, nil, nil, &code)
    return (bytes, code)
  }
  var unmap: @Sendable (cl_command_queue, cl_mem, UnsafeMutableRawPointer) -> cl_int = {
    clEnqueueUnmapMemObject($0, $1, $2, 0, nil, nil)
  }
  /// Starts to copy bytes into a buffer at an offset: the event of their arrival.
  var write: @Sendable (cl_command_queue, cl_mem, Int, UnsafeRawBufferPointer) -> Made = {
    queue, buffer, offset, bytes in
    var event: cl_event?
    let code = clEnqueueWriteBuffer(
      queue, buffer, cl_bool(CL_FALSE), offset, bytes.count, bytes.baseAddress, 0, nil, &event)
    return (event, code)
  }
  /// Copies the first bytes of a buffer, after all work before.
  var read: @Sendable (cl_command_queue, cl_mem, UnsafeMutableRawBufferPointer) -> cl_int = {
    clEnqueueReadBuffer($0, $1, cl_bool(CL_TRUE), 0, $2.count, $2.baseAddress, 0, nil, nil)
  }
  /// The event of the end of all work so far.
  var mark: @Sendable (cl_command_queue) -> Made = { queue in
    var event: cl_event?
    let code = clEnqueueMarkerWithWaitList(queue, 0, nil, &event)
    return (event, code)
  }
  /// Lets later work of a queue wait for an event.
  var delay: @Sendable (cl_command_queue, cl_event) -> cl_int = { queue, event in
    var event: cl_event? = event
    return clEnqueueBarrierWithWaitList(queue, 1, &event, nil)
  }
  var wait: @Sendable (cl_event) -> cl_int = { event in
    var event: cl_event? = event
    return clWaitForEvents(1, &event)
  }
  var flush: @Sendable (cl_command_queue) -> cl_int = { clFlush($0) }
  var finish: @Sendable (cl_command_queue) -> cl_int = { clFinish($0) }
  /// Starts y ← y + op(A) x by CLBlast.
  var addProduct: @Sendable (any DeviceScalar.Type, PanelProduct, cl_command_queue) -> cl_int = {
    $0.addProduct($1, on: $2)
  }
  /// Drops the programs that CLBlast keeps, of all contexts. Products under way keep theirs, and later
  /// ones compile again.
  var clearCLBlast: @Sendable () -> Void = { _ = CLBlastClearCache() }

  private static func made(_ call: (inout cl_int) -> OpaquePointer?) -> Made {
    var code = CL_SUCCESS
    let handle = call(&code)
    return (handle, code)
  }
}
