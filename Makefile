# `make help` lists what can be made.

# Where `make install` puts things; DESTDIR goes before it.
PREFIX ?= /usr/local

SWIFT = scripts/swift
# Every module imports only what Package.swift allows it.
STRICT = -c release -Xswiftc -enable-testing --explicit-target-dependency-import-check error
TEST = $(SWIFT) test $(STRICT) --disable-xctest
BUILD_TESTS = $(SWIFT) build $(STRICT) --scratch-path .build/testing --build-tests
TESTS = .build/testing/release/SparseRecoveryPackageTests.xctest
SECONDS ?= 60
BASE ?= HEAD
BINARY = .build/release/sea
SOURCES = Package.swift Sources Tests Plugins $(wildcard Benchmarks/Package.swift Benchmarks/Sources Fuzz/Package.swift Fuzz/Sources/fuzz Fuzz/Sources/SparseRecovery) Examples/extension/Package.swift \
  Examples/extension/Sources Examples/extension/Tests

# PoCL keeps compiled kernels between runs, here and not in the home folder.
export POCL_CACHE_DIR = $(CURDIR)/.build/pocl-cache

.DEFAULT_GOAL = build
.PHONY: build test library wheel r-package python-test gallery language-test extension check thorough sanitize races coverage oclgrind opencl-matrix kernel-report soak demo bench bench-peers bench-quality fuzz lint format install uninstall bundle setup clean help

build: setup ## build the tool in release and print where it is (the default)
	$(SWIFT) build -c release --static-swift-stdlib --product sea
	$(SWIFT) build -c release --static-swift-stdlib --product sea-decoder
	@echo "$(CURDIR)/$(BINARY)"

test: setup ## run all tests, optimised, and check that every module imports only what it may
	$(BUILD_TESTS)
	scripts/test $(TESTS)

LIBRARY = dist/libsparse_recovery.so
library: setup ## build the shared library of the C interface, with its dependencies inside, in dist/
	scripts/build-library $(LIBRARY)

wheel: library ## build the Python package as a wheel in dist/, which needs nothing but NumPy
	@scripts/setup python3-venv
	scripts/build-wheel $(LIBRARY)

r-package: library ## build the R package in dist/, for install.packages, with the library inside
	@scripts/setup r-base-dev patchelf
	scripts/build-r-package $(LIBRARY)

language-test: library ## solve from C and Octave, and check the R package, as far as they can be installed
	scripts/language-test $(LIBRARY)

python-test: wheel ## test the wheel in a fresh environment, with scikit-learn's own checks
	scripts/python-test

gallery: wheel ## run the examples of the Python package and draw their pictures
	scripts/gallery

extension: setup ## build and test a package of somebody else's that adds an operator, a solver and a backend
	$(SWIFT) test --package-path Examples/extension --scratch-path .build/extension --disable-xctest
	.build/extension/debug/extend

check: lint ## build and run the tests of what changed since BASE (the last commit): two minutes when warm
	$(BUILD_TESTS)
	scripts/check $(TESTS) $(BASE)

thorough: export THOROUGH = 1
thorough: lint test sanitize races coverage oclgrind opencl-matrix kernel-report ## run everything that finds faults; hours
	$(MAKE) soak SECONDS=600
	$(MAKE) fuzz SECONDS=600

# What the sanitizers do not see, and what is left out, is said in docs/reliability.md. Without memory and
# with SIGBUS the tests have their own plans; PoCL's threads have signal stacks of their own.
MEMORY = allocator_may_return_null=1:handle_sigbus=0
# Other drivers, which loaders open to ask for their devices, keep memory of their own until the end.
POCL = OCL_ICD_VENDORS=pocl.icd
# Every feature meets every other in CrossingTests, and every file its reader in MatrixFilesTests.
OVERRUNS = --filter 'CrossingTests|MatrixFilesTests|LeastSquaresTests|CPUBackendTests|SparseCoreTests|SparseRecoveryCTests' \
  --filter 'ExperimentsTests|CorpusTests|WorkingSet|OnDevice/(AtOnce|Lifetimes|Storages|Streaming)'
sanitize: setup ## run the tests that touch memory most under the address sanitizer
	$(POCL) ASAN_OPTIONS=$(MEMORY):use_sigaltstack=0 LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/leak-sanitizer.txt \
	  $(TEST) --sanitize address --scratch-path .build/address $(OVERRUNS)

RACES = --filter 'CPUBackendTests|LeastSquaresTests|MatrixFilesTests|ExperimentsTests|BenchmarkingTests|ChartsTests' \
  --filter 'seaTests|CrossingTests|ConcurrencyTests|DeterminismTests|ManyTests|CheckpointTests' \
  --filter 'SideBySideTests|anyNumberOfThreads' --filter 'OnDevice/(AtOnce|Lifetimes)' --skip 'BenchTests|ScalingFile|wrongUsage|DocumentationTests'
races: setup ## run the tests with threads under the thread sanitizer
	$(POCL) TSAN_OPTIONS=$(MEMORY):suppressions=$(CURDIR)/Tests/thread-sanitizer.txt \
	  $(TEST) --sanitize thread --scratch-path .build/thread $(RACES)

# The processes that the tests start count too: each leaves a file, and one killed meanwhile a part of it.
coverage: setup ## say which share of the lines of Sources the tests run; fails below 90 %
	$(SWIFT) build -c release -Xswiftc -enable-testing --enable-code-coverage \
	  --scratch-path .build/coverage --build-tests
	rm -rf .build/coverage/profiles
	LLVM_PROFILE_FILE=$(CURDIR)/.build/coverage/profiles/%p.profraw \
	  .build/coverage/release/SparseRecoveryPackageTests.xctest --testing-library swift-testing
	scripts/coverage .build/coverage

# Tests of every kernel and a whole solve, without vectors and matrices that take an interpreter hours
# (OnDevice.isInterpreted).
oclgrind: setup ## run the kernels under Oclgrind, which finds races and accesses outside buffers
	@scripts/setup oclgrind
	$(BUILD_TESTS)
	scripts/oclgrind $(TESTS) \
	  'OnDevice/(Vectors|ProductResults|Storages|Selections|Streaming/agrees|Lifetimes/endWithTheSolve)'

opencl-matrix: build ## test the kernels on every implementation of OpenCL that can be had without a GPU
	$(BUILD_TESTS)
	scripts/opencl-matrix $(TESTS) $(BINARY)

kernel-report: ## compile the kernels for NVIDIA, AMD and Intel, and say what they take there; fails where one spills
	@scripts/setup clang-16 libclc-16 python3-pip
	scripts/kernel-report

soak: setup ## solve mixed problems for SECONDS (60) in one process and see that memory stays flat
	$(SWIFT) build $(STRICT) --scratch-path .build/testing --product soak
	.build/testing/release/soak $(SECONDS) .build/soak

demo: build ## solve two real problems, on the best OpenCL device and on the processor
	scripts/demo $(BINARY)

bench: setup ## measure this machine
	$(SWIFT) run -c release --package-path Benchmarks suite

bench-peers: build ## compare with solvers of other libraries, in a Python environment under .build
	Benchmarks/peers/run $(BINARY)

# Options of quality.py, such as OPTIONS="--cells mixed --against OLD".
bench-quality: build ## measure what this and other solvers recover at equal time, in the same environment
	Benchmarks/peers/run-quality $(BINARY) $(OPTIONS)

fuzz: setup ## feed mutated files to every reader, SECONDS (60) in all; stops at the first fault
	$(SWIFT) build --package-path Fuzz -c release
	scripts/fuzz $(SECONDS)

lint: ## check the format of the sources
	$(SWIFT) format lint --strict --parallel -r $(SOURCES)

format: ## format the sources in place
	$(SWIFT) format -i --parallel -r $(SOURCES)

install: $(BINARY) ## install the tool as built, and its completions, under PREFIX (/usr/local)
	scripts/install $(BINARY) "$(DESTDIR)$(PREFIX)"

uninstall: ## remove what install put there
	scripts/install --remove "$(DESTDIR)$(PREFIX)"

bundle: build ## pack the tool with all its libraries, for machines that have none of them
	@scripts/setup patchelf binutils
	scripts/bundle $(BINARY)

setup: ## install the Debian packages that are missing
	@scripts/setup
	@mkdir -p "$(POCL_CACHE_DIR)"

clean: ## remove everything built
	rm -rf .build Benchmarks/.build Fuzz/.build

help: ## print this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 14

$(BINARY):
	$(MAKE) build
