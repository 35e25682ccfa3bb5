# Solves from Julia: julia Examples/languages/sparse_recovery.jl dist/libsparse_recovery.so
const lib = abspath(ARGS[1])

failed() = error(unsafe_string(@ccall lib.sr_last_error()::Cstring))
check(status) = status == 0 || failed()

"The columns of A that explain y best, counted from one, and their coefficients."
function sparse_recovery(A::Matrix{Float64}, y::Vector{Float64}, k; algorithm="portfolio", loss="squares")
    problem, results = Ref{Ptr{Cvoid}}(C_NULL), Ref{Ptr{Cvoid}}(C_NULL)
    options, stated = (@ccall lib.sr_options_create()::Ptr{Cvoid}), (@ccall lib.sr_options_create()::Ptr{Cvoid})
    m, n = size(A)
    try
        check(@ccall lib.sr_options_set(options::Ptr{Cvoid}, "algorithm"::Cstring, algorithm::Cstring)::Int32)
        check(@ccall lib.sr_options_set(stated::Ptr{Cvoid}, "loss"::Cstring, loss::Cstring)::Int32)
        GC.@preserve A begin
            check(@ccall lib.sr_problem_create(A::Ptr{Float64}, 8::Int32, m::Int64, n::Int64, m::Int64,
                stated::Ptr{Cvoid}, problem::Ptr{Ptr{Cvoid}})::Int32)
            check(@ccall lib.sr_solve(problem[]::Ptr{Cvoid}, y::Ptr{Float64}, length(y)::Int64, 1::Int64,
                length(y)::Int64, k::Int64, options::Ptr{Cvoid}, C_NULL::Ptr{Cvoid}, results::Ptr{Ptr{Cvoid}})::Int32)
        end
        # The first five fields of sr_solution: size, sparsity, count, support, coefficients.
        found = Int64[40, 0, 0, 0, 0]
        check(@ccall lib.sr_results_solution(results[]::Ptr{Cvoid}, 0::Int64, found::Ptr{Int64})::Int32)
        support = copy(unsafe_wrap(Array, Ptr{Int64}(found[4]), found[3]))
        coefficients = copy(unsafe_wrap(Array, Ptr{Float64}(found[5]), found[3]))
        return support .+ 1, coefficients
    finally
        @ccall lib.sr_results_destroy(results[]::Ptr{Cvoid})::Cvoid
        @ccall lib.sr_problem_destroy(problem[]::Ptr{Cvoid})::Cvoid
        @ccall lib.sr_options_destroy(options::Ptr{Cvoid})::Cvoid
        @ccall lib.sr_options_destroy(stated::Ptr{Cvoid})::Cvoid
    end
end

A = randn(100, 400)
println(sparse_recovery(A, 2A[:, 8] - A[:, 71] + 3A[:, 301], 3))
# Labels instead of numbers, some of them wrong: logistic regression.
println(sparse_recovery(A, Float64.((A[:, 8] .> 0) .!= (mod.(1:100, 12) .== 0)), 2; loss="logistic"))
