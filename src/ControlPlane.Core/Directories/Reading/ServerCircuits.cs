namespace ControlPlane.Core.Directories.Reading;

/// <summary>
/// A server that let people wait several times in a row is not asked for a while; then one is let through to see whether it is back.
/// Servers that refuse at once cost nobody time and stay.
/// </summary>
public sealed class ServerCircuits(TimeProvider clock)
{
    /// <summary>One lost packet is no outage.</summary>
    public const int Threshold = 3;

    /// <summary>Short enough that nobody has to reset anything.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly Lock _sync = new();
    private readonly Dictionary<string, State> _states = new(StringComparer.Ordinal);

    /// <summary>Whether the server may be asked now. In doubt one asker is let through, the others are not.</summary>
    public bool TryEnter(string server)
    {
        lock (_sync)
        {
            if (!_states.TryGetValue(server, out var state) || state.TimeOuts < Threshold)
            {
                return true;
            }

            var now = clock.GetUtcNow();
            if (now < state.ClosedUntil)
            {
                return false;
            }

            // The probe: if it never comes back with an answer, the next one is let through after another pause.
            state.ClosedUntil = now + Pause;
            return true;
        }
    }

    public void Succeeded(string server)
    {
        lock (_sync)
        {
            _states.Remove(server);
        }
    }

    public void TimedOut(string server)
    {
        lock (_sync)
        {
            if (!_states.TryGetValue(server, out var state))
            {
                _states[server] = state = new State();
            }

            state.TimeOuts++;
            state.ClosedUntil = clock.GetUtcNow() + Pause;
        }
    }

    private sealed class State
    {
        public int TimeOuts { get; set; }

        public DateTimeOffset ClosedUntil { get; set; }
    }
}
