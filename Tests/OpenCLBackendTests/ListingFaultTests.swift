import COpenCL
import SparseCore
import Testing

@testable import OpenCLBackend

extension OpenCLCalls {
  /// The same calls, but those for facts that a fault stops.
  fileprivate func failingToAnswer(_ fault: Fault) -> OpenCLCalls {
    @Sendable func answer(_ name: String, _ query: @escaping Query) -> Query {
      {
        let code = fault.next(name)
        return code == CL_SUCCESS ? query($0, $1, $2) : code
      }
    }
    @Sendable func answer(_ name: String, _ listing: @escaping Listing) -> Listing {
      {
        let code = fault.next(name)
        return code == CL_SUCCESS ? listing($0, $1, $2) : code
      }
    }
    var calls = self
    calls.platforms = { answer("clGetPlatformIDs", self.platforms()) }
    calls.devices = { answer("clGetDeviceIDs", self.devices($0)) }
    calls.platformInfo = { answer("clGetPlatformInfo", self.platformInfo($0, $1)) }
    calls.deviceInfo = { answer("clGetDeviceInfo", self.deviceInfo($0, $1)) }
    return calls
  }
}

extension OnDevice {
  /// Listing devices where a driver does not answer.
  @Suite struct ListingFaults {
    /// Each question in turn goes unanswered, alone or with all after it.
    @Test(arguments: [false, true]) func listOnlyDevicesThatAnswer(isLasting: Bool) throws {
      let whole = Fault()
      let devices = OpenCLDevice.all(OpenCLCalls().failingToAnswer(whole))
      #expect(Set(whole.names).count == 4)
      for place in whole.names.indices {
        let fault = Fault(at: place, code: CL_OUT_OF_HOST_MEMORY, isLasting: isLasting)
        let found = OpenCLDevice.all(OpenCLCalls().failingToAnswer(fault))
        #expect(found.count <= devices.count)
        for device in found {
          #expect(
            min(
              device.computeUnits, device.memory, device.maximumAllocation,
              device.maximumWorkGroup) > 0)
        }
      }
    }

    /// No platform is what a machine without drivers has, no device what a driver without a card has.
    @Test(arguments: [("clGetPlatformIDs", -1001), ("clGetDeviceIDs", CL_DEVICE_NOT_FOUND)])
    func noPlatformAndNoDevice(call: String, code: cl_int) throws {
      var calls = OpenCLCalls()
      if call == "clGetPlatformIDs" {
        calls.platforms = { { _, _, _ in code } }
      } else {
        calls.devices = { _ in { _, _, _ in code } }
      }
      let devices = OpenCLDevice.all(calls)
      #expect(devices.isEmpty)
      #expect(throws: RecoveryError.noSuchDevice(wanted: "auto", found: [])) {
        try OpenCLDevice.choose(nil, precision: .single, from: devices)
      }
    }

    /// A build that fails gives the log, or at least its code where there is no log either.
    @Test func aBuildThatFailsGivesTheLog() throws {
      var calls = OpenCLCalls()
      calls.build = { _, _, _ in CL_BUILD_PROGRAM_FAILURE }
      for log in ["line 1: no such kernel", ""] {
        calls.buildLog = { _, _ in
          { room, text, length in
            length?.pointee = log.utf8.count
            text?.copyMemory(from: Array(log.utf8), byteCount: min(room, log.utf8.count))
            return CL_SUCCESS
          }
        }
        let backend = try OpenCLBackend(calls: calls)
        let detail = "CL_BUILD_PROGRAM_FAILURE" + (log.isEmpty ? "" : "\n\(log)")
        #expect(
          throws: RecoveryError.deviceFailure(
            device: backend.device.name, call: "clBuildProgram", code: CL_BUILD_PROGRAM_FAILURE,
            detail: detail)
        ) { try backend.load(SmallProblem.problem().atoms, precision: .single) }
      }
    }
  }
}
