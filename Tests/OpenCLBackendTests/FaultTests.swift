import COpenCL
import Solvers
import SparseCore
import TestSupport
import Testing

@testable import OpenCLBackend

extension OnDevice {
  /// Devices that fail: each call of a solve in turn, loading included.
  @Suite struct Faults {
    /// The solves that calls are taken from: kernels, where A is, and how gradients are computed.
    struct Case: CustomTestStringConvertible {
      var kernels = ProductKernels.native
      /// Of 48 columns.
      var columnsThatStay: Int?
      var gradient = SEA.Gradient.blocked
      /// Whether two observations get one support.
      var isJoint = false
      /// Whether programs are kept for a second solve, which is looked at as well.
      var keepsPrograms = false
      let code: cl_int
      var isLasting = false

      var testDescription: String {
        "\(kernels), \(columnsThatStay ?? 48) columns stay, \(gradient), "
          + (isJoint ? "jointly, " : "") + (keepsPrograms ? "programs kept, " : "")
          + "code \(code) \(isLasting ? "from then on" : "once")"
      }
    }

    static let cases =
      [
        Case(code: CL_OUT_OF_RESOURCES),
        Case(gradient: .direct, code: CL_DEVICE_NOT_AVAILABLE, isLasting: true),
        Case(columnsThatStay: 40, gradient: .direct, code: CL_MEM_OBJECT_ALLOCATION_FAILURE),
        Case(kernels: .clblast, gradient: .direct, code: CL_INVALID_COMMAND_QUEUE),
        Case(keepsPrograms: true, code: CL_INVALID_BINARY),
        Case(isJoint: true, code: CL_INVALID_COMMAND_QUEUE),
      ] + (isThorough ? [lasting] : [])

    /// The sites of the third case once more.
    private static let lasting = Case(
      columnsThatStay: 40, gradient: .direct,
      code: CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, isLasting: true)

    private static func solve(
      _ problem: RecoveryProblem, _ the: Case, _ calls: OpenCLCalls
    ) throws -> SparseSolution {
      let folder = TemporaryFolder()
      let programs = the.keepsPrograms ? ProgramCache(folder: CacheFolder(folder.path)) : nil
      func backend() throws -> OpenCLBackend {
        try OpenCLBackend(
          calls: calls, kernels: the.kernels,
          deviceMemory: the.columnsThatStay.map { $0 * SmallProblem.columnBytes },
          programs: programs)
      }
      // The first compiles and keeps, the second finds it.
      if the.keepsPrograms { _ = try backend().load(problem.atoms, precision: .single) }
      return try SmallProblem.solve(
        problem, on: backend(), gradient: the.gradient, isJoint: the.isJoint)
    }

    /// A fault in any call leaves the answer as it is or is named with its call, and leaves no object
    /// behind. Of the arguments of a launch, which one loop sets, the first is taken.
    @Test(.timeLimit(.minutes(10)), arguments: cases)
    func leaveAnAnswerOrAnError(_ the: Case) throws {
      let problem = try SmallProblem.problem()
      let whole = Fault()
      let expected = try Self.solve(problem, the, OpenCLCalls().failing(whole))
      var survived = 0
      let names = [""] + whole.names
      let places = whole.names.indices.filter {
        names[$0 + 1] != "clSetKernelArg" || names[$0] != "clSetKernelArg"
      }
      for place in places {
        let fault = Fault(at: place, code: the.code, isLasting: the.isLasting)
        let ledger = Ledger()
        do {
          let solution = try Self.solve(
            problem, the, ledger.counting(OpenCLCalls().failing(fault)))
          #expect(solution.support == expected.support)
          survived += 1
        } catch let error as RecoveryError {
          expect(error, names: fault, the)
        }
        let alive = ledger.alive
        #expect(alive.isEmpty && ledger.unknown.isEmpty, "after \(fault.failed ?? "") \(place)")
        #expect(fault.failed == whole.names[place])
      }
      // The end of the last queue is one that nobody needs.
      #expect(survived > 0 && survived < places.count)
      print(
        "\(the.testDescription): \(places.count) of \(whole.names.count) calls at "
          + "\(Set(whole.names).count) sites failed, \(survived) solves went on")
      #expect(try Self.solve(problem, the, OpenCLCalls()).support == expected.support)
    }

    private func expect(_ error: RecoveryError, names fault: Fault, _ the: Case) {
      switch error {
      case .deviceFailure(let device, let call, let code, _):
        let name = fault.failed ?? "no call"
        #expect(device == OpenCLBackend.devices().first?.name)
        // Memory that cannot be pinned is not missed: what fails next is named.
        // Nor are programs that were compiled before.
        let isMissed = ![
          "clCreateBuffer(host)", "clEnqueueMapBuffer", "clCreateProgramWithBinary",
          "clGetProgramInfo",
        ].contains(name)
        #expect(
          code == the.code && (!isMissed || call.hasPrefix(name)), "\(error) after \(name)")
      case .deviceMemoryTooSmall: break
      default: Issue.record("\(error)")
      }
    }

    /// No site of a call is left out.
    @Test func comeByEverySite() throws {
      var names: Set<String> = []
      for the in Self.cases {
        let fault = Fault()
        _ = try Self.solve(SmallProblem.problem(), the, OpenCLCalls().failing(fault))
        names.formUnion(fault.names)
      }
      #expect(names.count == 21)
    }
  }
}
