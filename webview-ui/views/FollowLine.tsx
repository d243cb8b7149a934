interface FollowLineProps {
  readonly title: string;
  readonly isFollowed: boolean;
  readonly onChoose: (isFollowed: boolean) => void;
}

/** Whether the next question goes on with the conversation on show, and a button that changes that. */
export function FollowLine({ title, isFollowed, onChoose }: FollowLineProps) {
  return (
    <p class="follow">
      <span class="follow-title">{isFollowed ? `Follows “${title}”` : 'In a new conversation'}</span>
      <button
        type="button"
        class="candidate-link"
        onClick={() => {
          onChoose(!isFollowed);
        }}
      >
        {isFollowed ? 'New conversation' : 'Follow up instead'}
      </button>
    </p>
  );
}
